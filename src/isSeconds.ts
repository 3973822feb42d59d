/** A longer timer would fire at once: Node keeps its milliseconds in 31 bits. */
const MOST_SECONDS = 2_147_483;

/** What `isSeconds` allows, in words. */
export const SECONDS_ALLOWED = `a number above 0 and at most ${MOST_SECONDS}`;

/** Whether a value can be a span of time in seconds that a timer waits for. */
export function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_SECONDS;
}
