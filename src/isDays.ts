/** A hundred years: what is older has no date in some databases. */
const MOST_DAYS = 36_500;

/** What `isDays` allows, in words. */
export const DAYS_ALLOWED = `a number of days above 0 and at most ${MOST_DAYS}`;

/** Whether a value can be an age in days. */
export function isDays(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MOST_DAYS;
}
