import { oneLine, scrubSecrets, showHidden } from './texts.ts';

/** A longer timer would fire at once: Node keeps its milliseconds in 31 bits. */
const MOST_SECONDS = 2_147_483;

/** What `isSeconds` allows, in words. */
export const SECONDS_ALLOWED = `a number above 0 and at most ${MOST_SECONDS}`;

/** Whether a value can be a span of time in seconds that a timer waits for. */
export function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_SECONDS;
}

/** Below it, no heartbeat comes in time: one is sent in each third of a lease. */
const LEAST_LEASE_SECONDS = 0.1;

/** What `isLease` allows, in words. */
export const LEASE_ALLOWED = `a number of seconds from ${LEAST_LEASE_SECONDS} to ${MOST_SECONDS}`;

/** Whether a value can be the lease of a lock, in seconds. */
export function isLease(value: unknown): value is number {
  return isSeconds(value) && value >= LEAST_LEASE_SECONDS;
}

/** What `isCount` allows, in words. */
export const COUNT_ALLOWED = 'a whole number from 1';

/** Whether a value can be a number of things of which there must be one. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A hundred years: what is older has no date in some databases. */
const MOST_DAYS = 36_500;

/** What `isDays` allows, in words. */
export const DAYS_ALLOWED = `a number of days above 0 and at most ${MOST_DAYS}`;

/** Whether a value can be an age in days. */
export function isDays(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_DAYS;
}

/** Characters of a value that an error message shows. */
const SHOWN = 120;

/** Items of a list, and members of an object. */
const MOST_ITEMS = 5;

/** A value that is not allowed, as an error message shows it: in one line, without secrets. Never throws. */
export function showValue(value: unknown): string {
  try {
    return scrubSecrets(show(value, SHOWN, 0));
  } catch {
    return `a value of type ${typeof value} that cannot be shown`;
  }
}

/** A value that may be a secret, such as a URL written where an object is wanted: names of members, or its type alone. */
export function showSecret(value: unknown): string {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? showValue(value)
    : `a value of type ${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value}`;
}

function show(value: unknown, length: number, depth: number): string {
  if (Array.isArray(value)) {
    return depth > 2
      ? '[…]'
      : `[${few(Array.from<unknown>(value.slice(0, MOST_ITEMS + 1)), item => show(item, 40, depth + 1))}]`;
  }
  switch (typeof value) {
    case 'function':
      return `the function ${oneLine(value.name, 80) || '(anonymous)'}`;
    case 'object':
      return value === null ? 'null' : showObject(value);
    case 'string':
      return showText(value, length);
    default:
      return oneLine(String(value), length);
  }
}

/** Whole texts look whole: what is left out stands outside the quotation marks. Scrubbed first, since a piece of a URL is none. */
function showText(value: string, length: number): string {
  const text = scrubSecrets(value.length > 10_000 ? value.slice(0, 10_000) : value);
  const shown = showHidden(JSON.stringify(text.slice(0, length))).replaceAll(/[\u2028\u2029]/g, ' ');
  return value.length > length ? `${shown}… (${value.length} characters)` : shown;
}

/** Names and plain values of an object: a text in it may be a secret. */
function showObject(value: object): string {
  const constructor: unknown = Object.getPrototypeOf(value)?.constructor;
  const kind = typeof constructor === 'function' ? oneLine(constructor.name, 40) : 'Object';
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, { enumerable }]) => enumerable);
  const members = few(entries.slice(0, MOST_ITEMS + 1), ([key, { value: member }]) => {
    const isPlain = typeof member === 'number' || typeof member === 'boolean' || member === null;
    return isPlain ? `${oneLine(key, 40)}: ${member}` : oneLine(key, 40);
  });
  const shown = members === '' ? '{}' : `{ ${members} }`;
  return kind === 'Object' ? shown : `${kind} ${shown}`;
}

function few<Item>(items: readonly Item[], text: (item: Item) => string): string {
  const shown = items.slice(0, MOST_ITEMS).map(text);
  return [...shown, ...(items.length > MOST_ITEMS ? ['…'] : [])].join(', ');
}
