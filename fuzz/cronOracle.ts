import { wallClock } from '../test/helpers/wallClock.ts';

/**
 * The slots of a crontab expression by the letter of the documentation, found by looking at every minute. Shares no code
 * with the package.
 */

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Whether the wall clock's time (as if it were UTC) is one of an expression's. */
type Matches = (wall: number) => boolean;

/** The instants in a stretch, both ends included, at which an expression's slots lie. */
export function slotsByMinutes(expression: string, timeZone: string, from: number, to: number): number[] {
  const [minute = '', hour = '', monthDay = '', month = '', weekday = ''] = expression.split(' ');
  const isMinute = numbers(minute, 0, 59);
  const isHour = numbers(hour, 0, 23);
  const isMonth = numbers(month, 1, 12, MONTHS, 1);
  const isDay = days(monthDay, weekday);
  const matches: Matches = wall => {
    const date = new Date(wall);
    return (
      isMinute(date.getUTCMinutes()) &&
      isHour(date.getUTCHours()) &&
      isMonth(date.getUTCMonth() + 1) &&
      isDay(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
    );
  };
  const countsRealTime = Array.from({ length: 24 }, (_, at) => at).every(isHour);
  const slots: number[] = [];
  let shownBefore = -Infinity;
  for (let instant = from - 2 * DAY; instant < from; instant += MINUTE) {
    shownBefore = Math.max(shownBefore, wallAt(instant, timeZone));
  }
  for (let instant = from; instant <= to; instant += MINUTE) {
    const wall = wallAt(instant, timeZone);
    if (countsRealTime ? matches(wall) : passed(shownBefore, wall, matches)) {
      slots.push(instant);
    }
    shownBefore = Math.max(shownBefore, wall);
  }
  return slots;
}

/** Whether a time of the expression is what the clock shows for the first time now, or what it has just jumped over. */
function passed(before: number, wall: number, matches: Matches): boolean {
  for (let time = wall; time > before; time -= MINUTE) {
    if (matches(time)) {
      return true;
    }
  }
  return false;
}

function numbers(
  field: string,
  low: number,
  high: number,
  names: readonly string[] = [],
  first = 0,
): (n: number) => boolean {
  const valueOf = (text: string) => {
    const named = names.indexOf(text.toLowerCase());
    return named < 0 ? Number(text) : named + first;
  };
  const allowed = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [begin, end] = range === '*' || range === '?' ? [low, high] : range.split('-').map(valueOf);
    for (let n = begin!; n <= (end ?? begin!); n += Number(step)) {
      allowed.add(n);
    }
  }
  return n => allowed.has(n);
}

/** Of two day fields that say something, one is enough. */
function days(monthDay: string, weekday: string): (year: number, month: number, day: number) => boolean {
  const isEvery = (field: string) => field === '*' || field === '?';
  const byMonthDay = monthDay.split(',').map(part => {
    const isDay = part === 'L' ? () => false : numbers(part, 1, 31);
    return (day: number, length: number) => (part === 'L' ? day === length : isDay(day));
  });
  const byWeekday = weekday.split(',').map(part => {
    const [, name = '', nth = ''] = /^(\w+?)(#\d|L)?$/.exec(part) ?? [];
    const of = numbers(nth === '' ? part : name, 0, 7, WEEKDAYS);
    const isWeekday = (day: number) => of(day) || (day === 0 && of(7));
    return (day: number, length: number, week: number) =>
      isWeekday(week) && (nth === '' || (nth === 'L' ? day + 7 > length : Math.ceil(day / 7) === Number(nth.slice(1))));
  });
  return (year, month, day) => {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const week = new Date(Date.UTC(year, month, day)).getUTCDay();
    const fits = {
      monthDay: byMonthDay.some(is => is(day, length)),
      weekday: byWeekday.some(is => is(day, length, week)),
    };
    return isEvery(monthDay) || isEvery(weekday) ? fits.monthDay && fits.weekday : fits.monthDay || fits.weekday;
  };
}

const quarters = new Map<string, number>();

/** The wall clock at an instant, as milliseconds as if it were UTC. Clocks change at quarters of an hour, if at all. */
function wallAt(instant: number, timeZone: string): number {
  const quarter = Math.floor(instant / QUARTER) * QUARTER;
  const key = `${timeZone} ${quarter}`;
  let wall = quarters.get(key);
  if (wall === undefined) {
    if (quarters.size > 200_000) {
      quarters.clear();
    }
    wall = wallClock(quarter, timeZone);
    quarters.set(key, wall);
  }
  return wall + instant - quarter;
}
