import { CronScheduleError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import { oneLine } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';
import { DAY } from './LocalTime.ts';

/** Whether a local day, such as '2026-12-24', is excluded: what any calendar package can answer. */
export type IsExcluded = (day: string) => boolean;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Days excluded from a schedule, by dates, ranges of them and functions. A day is a number of whole days since 1970. */
export class ExcludedDays {
  readonly #ranges: readonly Range[];
  readonly #functions: readonly IsExcluded[];

  /** @throws CronScheduleError naming the item that is not allowed. */
  constructor(items: readonly (string | IsExcluded)[]) {
    this.#ranges = items.filter(item => typeof item === 'string').map(parseRange);
    this.#functions = items.filter(item => typeof item === 'function').map(refuseAsync);
  }

  /**
   * Whether a day is excluded.
   *
   * @throws CronScheduleError when a function throws, or gives something other than true or false.
   */
  has(day: number): boolean {
    return (
      this.#ranges.some(({ from, to }) => day >= from && day <= to) || this.#functions.some(ask => asked(ask, day))
    );
  }
}

/** A local day as people write it: '2026-12-24'. */
export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function parseRange(text: string): Range {
  const [first = '', last = first, ...rest] = text.split('/');
  const [from, to] = [parseDate(first), parseDate(last)];
  if (from === undefined || to === undefined || rest.length > 0 || from > to) {
    const why = from !== undefined && to !== undefined && from > to ? 'ends before it begins' : 'is not allowed';
    throw new CronScheduleError(
      `Schedule: except ${showValue(text)} ${why}; it must be a date such as '2026-12-24' or a range such as '2026-12-24/2027-01-02'`,
    );
  }
  return { from, to };
}

/** The day of a date that a calendar has. */
function parseDate(text: string): number | undefined {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return Number.isNaN(instant) || dateOf(instant / DAY) !== text ? undefined : instant / DAY;
}

/** A promise would count as true, and exclude every day. */
function refuseAsync(ask: IsExcluded): IsExcluded {
  if (ask.constructor.name === 'AsyncFunction') {
    throw new CronScheduleError(
      `Schedule: except ${showValue(ask)} is asynchronous; it must return true or false at once, so load the calendar beforehand`,
    );
  }
  return ask;
}

function asked(ask: IsExcluded, day: number): boolean {
  const date = dateOf(day);
  let answer: unknown;
  try {
    answer = ask(date);
  } catch (cause) {
    throw new CronScheduleError(
      `Schedule: except ${showValue(ask)} fails for '${date}': ${oneLine(messageOf(cause))}; it must return true or false for each day`,
      { cause },
    );
  }
  if (typeof answer !== 'boolean') {
    throw new CronScheduleError(
      `Schedule: except ${showValue(ask)} gives ${showValue(answer)} for '${date}'; it must return true or false`,
    );
  }
  return answer;
}
