import { dateOf, type ExcludedDays } from './ExcludedDays.ts';
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

/** Days that a slot moves at most. */
const MOST_MOVED = 366;

/**
 * Which local days a schedule allows: those that pass both of its lists and are not excluded; a missing list lets every day
 * pass.
 */
export class DayFilter {
  readonly #weekdays: ReadonlySet<number> | undefined;
  readonly #monthDays: readonly number[] | undefined;
  readonly #excluded: ExcludedDays | undefined;

  constructor(
    weekdays: readonly Weekday[] | undefined,
    monthDays: readonly number[] | undefined,
    excluded?: ExcludedDays,
  ) {
    this.#weekdays = weekdays && new Set(weekdays.map(name => WEEKDAYS.indexOf(name)));
    this.#monthDays = monthDays;
    this.#excluded = excluded;
  }

  /** Whether a local day (whole days since 1970) passes. */
  passes(day: number): boolean {
    return this.#passesLists(day) && !this.#isExcluded(day);
  }

  /** The excluded days whose slots move to this one, newest first: those right before it that pass otherwise. */
  movedTo(day: number): number[] {
    const moved: number[] = [];
    if (!this.#isExcluded(day)) {
      for (let before = day - 1; before >= day - MOST_MOVED && this.#isExcluded(before); before--) {
        if (this.#passesLists(before)) {
          moved.push(before);
        }
      }
    }
    return moved;
  }

  /** Why a local day does not pass, in words: 'not on sundays', 'not on day 13 of the month'. */
  refusal(day: number): string {
    const date = new Date(day * DAY);
    if (this.#passesLists(day)) {
      return `not on ${dateOf(day)}, which is excluded`;
    }
    return this.#passesWeekday(day)
      ? `not on day ${date.getUTCDate()} of the month`
      : `not on ${WEEKDAYS[date.getUTCDay()]}s`;
  }

  #passesLists(day: number): boolean {
    return this.#passesWeekday(day) && this.#passesMonthDay(day);
  }

  #isExcluded(day: number): boolean {
    return this.#excluded?.has(day) ?? false;
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
