import { DAY } from './LocalTime.ts';

/** A weekday by name. */
export type Weekday = 'sunday' | 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday';

/** Weekdays by name, in the order of `Date.getUTCDay()`. */
export const WEEKDAYS: readonly Weekday[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

/** Which local days a schedule allows: those that pass both of its lists; a missing list lets every day pass. */
export class DayFilter {
  readonly #weekdays: ReadonlySet<number> | undefined;
  readonly #monthDays: readonly number[] | undefined;

  constructor(weekdays: readonly Weekday[] | undefined, monthDays: readonly number[] | undefined) {
    this.#weekdays = weekdays && new Set(weekdays.map(name => WEEKDAYS.indexOf(name)));
    this.#monthDays = monthDays;
  }

  /** Whether a local day (whole days since 1970) passes. */
  passes(day: number): boolean {
    return this.#passesWeekday(day) && this.#passesMonthDay(day);
  }

  /** Why a local day does not pass, in words: 'not on sundays', 'not on day 13 of the month'. */
  refusal(day: number): string {
    const date = new Date(day * DAY);
    return this.#passesWeekday(day)
      ? `not on day ${date.getUTCDate()} of the month`
      : `not on ${WEEKDAYS[date.getUTCDay()]}s`;
  }

  #passesWeekday(day: number): boolean {
    return this.#weekdays === undefined || this.#weekdays.has(new Date(day * DAY).getUTCDay());
  }

  #passesMonthDay(day: number): boolean {
    if (this.#monthDays === undefined) {
      return true;
    }
    const date = new Date(day * DAY);
    const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    // A day from the end is counted back from the day after the last: −1 is the last.
    return this.#monthDays.some(monthDay => (monthDay < 0 ? length + 1 + monthDay : monthDay) === date.getUTCDate());
  }
}
