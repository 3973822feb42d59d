import { createRequire } from 'node:module';
import type Cronstrue from 'cronstrue';
import { isEitherDay } from './cronFields.ts';
import type { ScheduleOptions } from './ScheduleOptions.ts';

/** A schedule's options, as given or with their defaults. */
type Described = { readonly [Option in keyof ScheduleOptions]: ScheduleOptions[Option] | undefined };

/** A schedule in words: 'every 2 hours and at 06:30 (Europe/Prague)'. */
export function describeSchedule(schedule: Described, timeZone?: string): string {
  const { runEveryMins, runAtTimes = [], cron, runWeeklyOnDays, runMonthlyOnDays } = schedule;
  const ways = [
    runEveryMins === undefined ? '' : every(runEveryMins),
    runAtTimes.length > 0 ? `at ${list(runAtTimes)}` : '',
    cron === undefined ? '' : cronInWords(cron),
  ].filter(way => way !== '');
  const days = [
    runWeeklyOnDays ? `on ${list(runWeeklyOnDays.map(day => `${day}s`))}` : '',
    runMonthlyOnDays ? `on ${list(runMonthlyOnDays.map(monthDay))} of the month` : '',
  ].filter(day => day !== '');
  const zone = schedule.timeZone ?? timeZone;
  const text = [ways.join(' and '), ...days].join(', ');
  return zone === undefined ? text : `${text} (${zone})`;
}

function every(minutes: number): string {
  if (minutes === 0) {
    return 'at every tick';
  }
  const units = [
    ['day', 24 * 60],
    ['hour', 60],
    ['minute', 1],
  ] as const;
  const [unit, length] = units.find(([, size]) => minutes % size === 0) ?? ['minute', 1];
  const count = minutes / length;
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
}

function monthDay(day: number): string {
  if (day === -1) {
    return 'the last day';
  }
  return day < 0 ? `the ${ordinal(-day)} last day` : `day ${day}`;
}

function ordinal(number: number): string {
  const suffixes: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${number}${suffixes[new Intl.PluralRules('en', { type: 'ordinal' }).select(number)] ?? 'th'}`;
}

function list(items: readonly string[]): string {
  return new Intl.ListFormat('en').format(items);
}

/** Words are wanted by people who read lists, never by a tick, so cronstrue is loaded only here. */
function cronInWords(given: string): string {
  // Any white space may stand between the fields.
  const expression = given.trim().split(/\s+/).join(' ');
  try {
    const cronstrue: typeof Cronstrue = createRequire(import.meta.url)('cronstrue');
    const words = isEitherDay(expression) ? eitherDay(cronstrue, expression) : wordsOf(cronstrue, expression);
    return words.charAt(0).toLowerCase() + words.slice(1);
  } catch {
    // What croner takes and cronstrue cannot say, and hosts bundled without it: the expression speaks for itself.
    return `cron ${expression}`;
  }
}

function wordsOf(cronstrue: typeof Cronstrue, expression: string): string {
  return cronstrue.toString(expression, { use24HourTimeFormat: true });
}

/** Of two day fields either is enough, which cronstrue calls "and": the weekday's words are taken from an expression of their own. */
function eitherDay(cronstrue: typeof Cronstrue, expression: string): string {
  const [minute, hour, monthDay, month, weekday] = expression.split(/\s+/);
  const byMonthDay = wordsOf(cronstrue, `${minute} ${hour} ${monthDay} * *`);
  const byWeekday = wordsOf(cronstrue, `0 0 * * ${weekday}`).replace(/^At 00:00, (?:only )?/, '');
  const inMonth = month === '*' ? '' : wordsOf(cronstrue, `0 0 * ${month} *`).replace(/^At 00:00/, '');
  const on = /^(?:on|in) /.test(byWeekday) ? '' : 'on ';
  return `${byMonthDay} or ${on}${byWeekday}${inMonth}`;
}
