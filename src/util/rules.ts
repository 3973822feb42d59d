/** A longer timer would fire at once: Node keeps its milliseconds in 31 bits. */
const MOST_SECONDS = 2_147_483;

/** What `isSeconds` allows, in words. */
export const SECONDS_ALLOWED = `a number above 0 and at most ${MOST_SECONDS}`;

/** Whether a value can be a span of time in seconds that a timer waits for. */
export function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_SECONDS;
}

/** A hundred years: what is older has no date in some databases. */
const MOST_DAYS = 36_500;

/** What `isDays` allows, in words. */
export const DAYS_ALLOWED = `a number of days above 0 and at most ${MOST_DAYS}`;

/** Whether a value can be an age in days. */
export function isDays(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_DAYS;
}

/** A value that is not allowed, as an error message shows it. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(showValue).join(', ')}]`;
  }
  switch (typeof value) {
    case 'function':
      return `the function ${value.name || '(anonymous)'}`;
    case 'object':
      return value === null ? 'null' : showObject(value);
    case 'string':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** Names and plain values of an object: a text in it may be a secret. */
function showObject(value: object): string {
  const kind = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object';
  const members = Object.entries(value).map(([key, member]) =>
    typeof member === 'number' || typeof member === 'boolean' || member === null ? `${key}: ${member}` : key,
  );
  const shown = members.length === 0 ? '{}' : `{ ${members.slice(0, 5).join(', ')}${members.length > 5 ? ', …' : ''} }`;
  return kind === 'Object' ? shown : `${kind} ${shown}`;
}
