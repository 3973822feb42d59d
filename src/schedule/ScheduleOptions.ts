import { CronScheduleError } from '../errors.ts';
import { isListOf, type OptionRule, readOptions } from '../util/options.ts';
import { showValue } from '../util/rules.ts';
import { type Weekday, WEEKDAYS } from './DayFilter.ts';
import type { IsExcluded } from './ExcludedDays.ts';
import { isTimeZone } from './LocalTime.ts';

/**
 * When a job runs. At least one of `runEveryMins`, `runAtTimes`, `cron` and `runsAfter` is needed; a job is due when any says
 * so. A job that only people start has `Schedule.manual()`.
 */
export interface ScheduleOptions {
  /** Minutes from the start of one success to the next run; 0 runs at every tick. */
  runEveryMins?: number;
  /** Times of day, 'H:MM' or 'HH:MM' on the 24-hour clock. */
  runAtTimes?: readonly string[];
  /** A crontab expression of five fields ('30 6 * * mon-fri', with steps, ranges, lists, names, `L`, `#`) or '@daily' and its like. */
  cron?: string;
  /**
   * Codes of other jobs of this host: due when each of them has a success that ended after this job's own last success
   * started. Unknown codes, and jobs that run after each other, are refused when the jobs are loaded.
   */
  runsAfter?: readonly string[];
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
   * Local days on which the job does not run: dates, ranges of them with both ends, functions of the local day
   * (`day => holidays.has(day)`, where `day` is '2026-12-24'), or a list of these. A function is asked again and again, so it
   * must be fast, and its answer for a day must not change.
   *
   * @default none
   */
  except?: string | IsExcluded | readonly (string | IsExcluded)[];
  /**
   * What becomes of the slots of an excluded day: 'skip' drops them; 'next' moves them to the same time of the next day
   * that is not excluded, whatever `runWeeklyOnDays` and `runMonthlyOnDays` say of that day. A slot moves by 366 days at most.
   *
   * @default 'skip'
   */
  onExcluded?: 'skip' | 'next';
  /**
   * Minutes over which the starts of jobs with the same slot are spread: each starts later by a fixed part of it, told by
   * its code. `scheduledFor` stays the slot. At most 60, or less than `startingDeadlineMins`.
   *
   * @default 0: jobs start at their slots
   */
  spreadMins?: number;
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
   * @default to the end of the slot's local day, but at least 60 minutes after the slot and its part of `spreadMins`
   */
  startingDeadlineMins?: number;
}

/** A hundred years: with more, dates come out that no calendar has. */
const MOST_MINUTES = 52_560_000;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isMinutes = (value: unknown) => isNumber(value) && value >= 0 && value <= MOST_MINUTES;

const listOf = (isItem: (item: unknown) => boolean) => (value: unknown) => isListOf(value, isItem) && value.length > 0;

/** The most that a spread delays a start where no deadline is set: the time that a slot has on any day. */
const MOST_SPREAD = 60;

const isDays = (value: unknown) => typeof value === 'string' || typeof value === 'function';

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
  runsAfter: {
    allowed: 'a list of codes of other jobs',
    example: "runsAfter: ['billing.import']",
    isAllowed: listOf(code => typeof code === 'string' && code.trim() !== ''),
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
  except: {
    allowed: 'a date, a range of dates, a function of the local day, or a list of these',
    example: "except: ['2026-12-24', '2026-12-31/2027-01-02', day => holidays.has(day)]",
    isAllowed: value => isDays(value) || listOf(isDays)(value),
  },
  onExcluded: {
    allowed: "'skip' or 'next'",
    example: "onExcluded: 'next'",
    isAllowed: value => value === 'skip' || value === 'next',
  },
  spreadMins: {
    allowed: `a number of minutes from 0 to ${MOST_MINUTES}`,
    example: 'spreadMins: 30',
    isAllowed: isMinutes,
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
  const { runEveryMins, runAtTimes, cron, runsAfter } = options;
  if ([runEveryMins, runAtTimes, cron, runsAfter].every(way => way === undefined)) {
    throw new CronScheduleError(
      'Schedule: it would never run; it needs runEveryMins, runAtTimes, cron or runsAfter, as in new Schedule({ runEveryMins: 5 }), ' +
        'or write Schedule.manual() for a job that only people start',
    );
  }
  refuseContradictions(options);
  return options;
}

/** Refuses options that are allowed alone, but not together. */
function refuseContradictions({ except, onExcluded, spreadMins = 0, startingDeadlineMins }: ScheduleOptions): void {
  if (onExcluded !== undefined && except === undefined) {
    throw new CronScheduleError(
      `Schedule: onExcluded ${showValue(onExcluded)} needs except, the days that are excluded, as in except: ['2026-12-24']`,
    );
  }
  if (
    startingDeadlineMins === undefined ? spreadMins > MOST_SPREAD : spreadMins >= startingDeadlineMins && spreadMins > 0
  ) {
    const [allowed, wayOut] =
      startingDeadlineMins === undefined
        ? [`at most ${MOST_SPREAD}`, 'set startingDeadlineMins to more than it']
        : [`less than startingDeadlineMins, which is ${startingDeadlineMins}`, 'spread less, or raise the deadline'];
    throw new CronScheduleError(
      `Schedule: spreadMins ${spreadMins} is not allowed, since a start could miss its deadline; it must be ${allowed}: ${wayOut}`,
    );
  }
}
