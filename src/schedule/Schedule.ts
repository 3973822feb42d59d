import { CronSlots } from './CronSlots.ts';
import { DayFilter, type Weekday } from './DayFilter.ts';
import { describeSchedule } from './describeSchedule.ts';
import { ExcludedDays } from './ExcludedDays.ts';
import { MovedSlots } from './MovedSlots.ts';
import { RunAtTimes } from './RunAtTimes.ts';
import { readScheduleOptions, type ScheduleOptions } from './ScheduleOptions.ts';
import type { SlotSource } from './Slot.ts';

/** Stands for the options of `Schedule.manual()`, of which it takes none. */
const MANUAL: ScheduleOptions = Object.freeze({});

/**
 * When a job runs: rules without a clock. `isDue()` and `nextRun()` apply them.
 *
 * @example
 * ```ts
 * new Schedule({ runEveryMins: 120, runAtTimes: ['06:30'], retryAfterFailureMins: 5 });
 * new Schedule({ cron: '0 9 * * mon#1', timeZone: 'Europe/Prague' });
 * ```
 */
export class Schedule {
  /** Minutes from the start of one success to the next run; `undefined` without an interval. */
  readonly runEveryMins: number | undefined;
  /** Normalised to 'HH:MM', in order, each once; empty when there are none. */
  readonly runAtTimes: readonly string[];
  /** The crontab expression as given; `undefined` without one. */
  readonly cron: string | undefined;
  /** Codes of the jobs whose successes make this one due; empty when there are none. */
  readonly runsAfter: readonly string[];
  /** Whether the job is never due by itself, as `Schedule.manual()` makes it. */
  readonly isManual: boolean;
  /** Excluded days as given, in a list; `undefined` without any. */
  readonly except: ScheduleOptions['except'];
  /** What becomes of the slots of excluded days. */
  readonly onExcluded: 'skip' | 'next';
  /** Minutes over which the starts of jobs with the same slot are spread. */
  readonly spreadMins: number;
  /** Minutes from the start of a failed run before which nothing is due. */
  readonly retryAfterFailureMins: number;
  /** Weekdays on which the job runs, in small letters; `undefined` for every day. */
  readonly runWeeklyOnDays: readonly Weekday[] | undefined;
  /** Days of the month on which the job runs, negative ones counted from its end; `undefined` for every day. */
  readonly runMonthlyOnDays: readonly number[] | undefined;
  /** Seconds by which the interval and the retry may be undercut. */
  readonly runToleranceSeconds: number;
  /** IANA zone of times, days and cron expression; `undefined` for the host's. */
  readonly timeZone: string | undefined;
  /** What becomes of several missed slots. */
  readonly missedRuns: 'once' | 'each';
  /** Minutes after a slot in which it may still start; `undefined` to the end of its day, but at least 60. */
  readonly startingDeadlineMins: number | undefined;

  /** @internal Where the slots come from; run-at times first, since they give a common instant its name. */
  readonly slotSources: readonly SlotSource[];
  /** @internal Which local days are allowed. */
  readonly days: DayFilter;

  /** @throws CronScheduleError naming the option, the value, what is allowed, and a valid example. */
  constructor(given: ScheduleOptions) {
    const options = given === MANUAL ? MANUAL : readScheduleOptions(given);
    const times = options.runAtTimes && new RunAtTimes(options.runAtTimes);
    const cron = options.cron === undefined ? undefined : new CronSlots(options.cron);
    this.runEveryMins = options.runEveryMins;
    this.runAtTimes = times?.times ?? [];
    this.cron = cron?.expression;
    this.runsAfter = [...new Set(options.runsAfter)];
    this.isManual = options === MANUAL;
    const except = options.except === undefined ? undefined : [options.except].flat();
    this.except = except;
    this.onExcluded = options.onExcluded ?? 'skip';
    this.spreadMins = options.spreadMins ?? 0;
    this.retryAfterFailureMins = options.retryAfterFailureMins ?? 0;
    this.runWeeklyOnDays = options.runWeeklyOnDays?.map(day => day.toLowerCase() as Weekday);
    this.runMonthlyOnDays = options.runMonthlyOnDays && [...options.runMonthlyOnDays];
    this.runToleranceSeconds = options.runToleranceSeconds ?? 0;
    this.timeZone = options.timeZone;
    this.missedRuns = options.missedRuns ?? 'once';
    this.startingDeadlineMins = options.startingDeadlineMins;
    const sources = [times, cron].filter(source => source !== undefined);
    this.slotSources =
      this.onExcluded === 'next' ? sources.flatMap(source => [source, new MovedSlots(source)]) : sources;
    this.days = new DayFilter(this.runWeeklyOnDays, this.runMonthlyOnDays, except && new ExcludedDays(except));
  }

  /**
   * The schedule of a job that is never due by itself: it runs when somebody asks for it, with `runcrons JOB --force`.
   *
   * @example
   * ```ts
   * readonly schedule = Schedule.manual();
   * ```
   */
  static manual(): Schedule {
    return new Schedule(MANUAL);
  }

  /**
   * The schedule in words: 'every 2 hours and at 06:30 (Europe/Prague)'.
   *
   * @param timeZone the host's zone, named where the schedule has none of its own
   */
  describe(timeZone?: string): string {
    return describeSchedule(this, timeZone);
  }
}
