import { CronScheduleError } from '../errors.ts';
import { isListOf, type OptionRule, readOptions } from '../util/options.ts';
import { showValue } from '../util/rules.ts';
import { type Weekday, WEEKDAYS } from './DayFilter.ts';
import { isTimeZone } from './LocalTime.ts';

/** When a job runs. At least one of `runEveryMins`, `runAtTimes` and `cron` is needed; a job is due when any says so. */
export interface ScheduleOptions {
  /** Minutes from the start of one success to the next run; 0 runs at every tick. */
  runEveryMins?: number;
  /** Times of day, 'H:MM' or 'HH:MM' on the 24-hour clock. */
  runAtTimes?: readonly string[];
  /** A crontab expression of five fields ('30 6 * * mon-fri', with steps, ranges, lists, names, `L`, `#`) or '@daily' and its like. */
  cron?: string;
  /**
   * Minutes from the start of a failed run before which nothing is due.
   *
   * @default 0: a failed run is due again at the next tick
   */
  retryAfterFailureMins?: number;
  /**
   * Weekdays on which the job runs: 'monday' to 'sunday'.
   *
   * @default every day
   */
  runWeeklyOnDays?: readonly Weekday[];
  /**
   * Days of the month on which the job runs: 1 to 31, or −1 to −31 counted from its end, −1 being the last.
   *
   * @default every day
   */
  runMonthlyOnDays?: readonly number[];
  /**
   * Seconds by which `runEveryMins` and `retryAfterFailureMins` may be undercut, so that a tick that comes a moment early
   * does not cost a whole round.
   *
   * @default 0
   */
  runToleranceSeconds?: number;
  /**
   * IANA zone of times, days and cron expression.
   *
   * @default the setting `timeZone`
   */
  timeZone?: string;
  /**
   * What becomes of several slots that were missed: 'once' runs the newest and drops the older; 'each' runs them all,
   * oldest first, one a tick.
   *
   * @default 'once'
   */
  missedRuns?: 'once' | 'each';
  /**
   * Minutes after a slot in which it may still start.
   *
   * @default to the end of the slot's local day, but at least 60 minutes
   */
  startingDeadlineMins?: number;
}

/** A hundred years: with more, dates come out that no calendar has. */
const MOST_MINUTES = 52_560_000;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isMinutes = (value: unknown) => isNumber(value) && value >= 0 && value <= MOST_MINUTES;

const listOf = (isItem: (item: unknown) => boolean) => (value: unknown) => isListOf(value, isItem) && value.length > 0;

const scheduleRules: Record<keyof ScheduleOptions, OptionRule> = {
  runEveryMins: {
    allowed: `a number of minutes from 0 to ${MOST_MINUTES}`,
    example: 'runEveryMins: 5',
    isAllowed: isMinutes,
  },
  runAtTimes: {
    allowed: "a list of times from '0:00' to '23:59'",
    example: "runAtTimes: ['06:30', '18:00']",
    isAllowed: listOf(time => typeof time === 'string' && /^([01]?\d|2[0-3]):[0-5]\d$/.test(time)),
  },
  cron: {
    allowed: 'a crontab expression of five fields',
    example: "cron: '30 6 * * mon-fri'",
    isAllowed: value => typeof value === 'string' && value.trim() !== '',
  },
  retryAfterFailureMins: {
    allowed: `a number of minutes from 0 to ${MOST_MINUTES}`,
    example: 'retryAfterFailureMins: 5',
    isAllowed: isMinutes,
  },
  runWeeklyOnDays: {
    allowed: 'a list of weekdays by name, since 0 means Monday to some and Sunday to others',
    example: "runWeeklyOnDays: ['monday', 'friday']",
    isAllowed: listOf(day => typeof day === 'string' && WEEKDAYS.some(name => name === day.toLowerCase())),
  },
  runMonthlyOnDays: {
    allowed: 'a list of whole numbers from 1 to 31, or from -1 (the last day) to -31',
    example: 'runMonthlyOnDays: [1, 15, -1]',
    isAllowed: listOf(day => Number.isInteger(day) && Math.abs(day as number) >= 1 && Math.abs(day as number) <= 31),
  },
  runToleranceSeconds: {
    allowed: `a number of seconds from 0 to ${MOST_MINUTES}`,
    example: 'runToleranceSeconds: 10',
    isAllowed: isMinutes,
  },
  timeZone: {
    allowed: 'an IANA time zone',
    example: "timeZone: 'Europe/Prague'",
    isAllowed: value => typeof value === 'string' && isTimeZone(value),
  },
  missedRuns: {
    allowed: "'once' or 'each'",
    example: "missedRuns: 'each'",
    isAllowed: value => value === 'once' || value === 'each',
  },
  startingDeadlineMins: {
    allowed: `a number of minutes above 0 and at most ${MOST_MINUTES}`,
    example: 'startingDeadlineMins: 90',
    isAllowed: value => isMinutes(value) && value !== 0,
  },
};

/**
 * Reads the options of a schedule and checks them.
 *
 * @throws CronScheduleError naming the option, the value, what is allowed, and a valid example.
 */
export function readScheduleOptions(given: ScheduleOptions): ScheduleOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new CronScheduleError(
      `Schedule: ${showValue(given)} is not an options object; write new Schedule({ runEveryMins: 5 })`,
    );
  }
  const options = readOptions<ScheduleOptions>(given, scheduleRules, {
    about: key => `Schedule: ${key}`,
    unknown: key => `Schedule: there is no option ${key}`,
    error: message => new CronScheduleError(message),
  });
  if (options.runEveryMins === undefined && options.runAtTimes === undefined && options.cron === undefined) {
    throw new CronScheduleError(
      'Schedule: it would never run; it needs runEveryMins, runAtTimes or cron, as in new Schedule({ runEveryMins: 5 })',
    );
  }
  return options;
}
