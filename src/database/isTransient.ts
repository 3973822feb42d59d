/** SQLSTATE classes that say that the statement itself is at fault: data, constraints, syntax and rights, features. */
const REFUSED_STATE = /^(?:0A|21|22|23|42|44)/;

/** MySQL's and MariaDB's numbers of the same kind, which have the general state HY000: encodings, values, lengths. */
const REFUSED_NUMBERS = new Set([1105, 1292, 1300, 1364, 1366, 1406, 3988, 1665, 3854]);

/** SQLite's codes of the same kind. */
const REFUSED_SQLITE = /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|AUTH|READONLY|PERM)/;

/** SQLSTATEs of a serialization failure and of a deadlock. */
const ROLLED_BACK_STATES = new Set(['40001', '40P01']);

/** MySQL's and MariaDB's numbers of a deadlock, and of a row that has changed since the snapshot of a transaction. */
const ROLLED_BACK_NUMBERS = new Set([1213, 1020]);

/**
 * Whether a database has rolled back what it was asked for, and only because of what others did at the same moment: the
 * same can be asked for again at once, on the same connection.
 */
export function isRolledBack(error: unknown): boolean {
  return codesOf(error).some(
    ({ code, sqlState, errno }) =>
      ROLLED_BACK_STATES.has(String(code)) ||
      ROLLED_BACK_STATES.has(String(sqlState)) ||
      (typeof errno === 'number' && ROLLED_BACK_NUMBERS.has(errno)),
  );
}

/**
 * Whether what a database threw can pass by itself: a connection that broke, a server that restarts, a deadlock, a
 * serialization failure, a lock that is held, an answer that did not come. What a database refuses for its content cannot.
 */
export function isTransient(error: unknown): boolean {
  return !codesOf(error).some(
    ({ code, sqlState, errno }) =>
      (typeof errno === 'number' && REFUSED_NUMBERS.has(errno)) ||
      [code, sqlState].some(state => typeof state === 'string' && state.length === 5 && REFUSED_STATE.test(state)) ||
      (typeof code === 'string' && REFUSED_SQLITE.test(code)),
  );
}

/** The codes that a database gives, each as its driver names it. */
interface ErrorCodes {
  readonly code?: unknown;
  readonly sqlState?: unknown;
  readonly errno?: unknown;
}

/** The codes of an error and of all that caused it. */
function codesOf(error: unknown): readonly ErrorCodes[] {
  const codes: ErrorCodes[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push(at as Error & ErrorCodes);
  }
  return codes;
}
