/** SQLSTATE classes that say that the statement itself is at fault: data, constraints, syntax and rights, features. */
const REFUSED_STATE = /^(?:0A|21|22|23|42|44)/;

/** MySQL's and MariaDB's numbers of the same kind, which have the general state HY000: encodings, values, lengths. */
const REFUSED_NUMBERS = new Set([1105, 1292, 1300, 1364, 1366, 1406, 3988, 1665, 3854]);

/** SQLite's codes of the same kind. */
const REFUSED_SQLITE = /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|AUTH|READONLY|PERM)/;

/**
 * Whether what a database threw can pass by itself: a connection that broke, a server that restarts, a deadlock, a
 * serialization failure, a lock that is held, an answer that did not come. What a database refuses for its content cannot.
 */
export function isTransient(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, sqlState, errno } = at as Error & { code?: unknown; sqlState?: unknown; errno?: unknown };
    if (typeof errno === 'number' && REFUSED_NUMBERS.has(errno)) {
      return false;
    }
    if ([code, sqlState].some(state => typeof state === 'string' && state.length === 5 && REFUSED_STATE.test(state))) {
      return false;
    }
    if (typeof code === 'string' && REFUSED_SQLITE.test(code)) {
      return false;
    }
  }
  return true;
}
