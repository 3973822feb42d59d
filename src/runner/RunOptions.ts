import { CronError } from '../errors.ts';
import type { TickListener } from '../events/TickEvent.ts';
import type { PruneOptions } from '../history/Retention.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { COUNT_ALLOWED, DAYS_ALLOWED, isCount, isDays, isSeconds, SECONDS_ALLOWED, showValue } from '../util/rules.ts';
import type { Pace } from './LoopSleep.ts';

/** Seconds after which a loop looks again, whatever the schedules of its jobs say, unless it is told otherwise. */
export const DEFAULT_SLEEP_SECONDS = 60;

/** Options of `runner.start()` and `cronloop`. */
export interface LoopOptions extends RunOptions {
  /**
   * Seconds from the start of one tick to the start of the next: at most that long for an exact loop, which also ticks when
   * a job is due.
   *
   * @default 60
   */
  readonly sleepSeconds?: number;
  /**
   * Whether to tick at the very instant at which the next job is due, by the database's clock; `false` ticks at the
   * steady pace of `sleepSeconds` alone.
   *
   * @default true
   */
  readonly exact?: boolean;
  /** How many ticks to make. @default no end */
  readonly repeat?: number;
  /**
   * Seconds of which a random part is waited before the first tick, so that hosts that start together do not tick
   * together.
   *
   * @default 0
   */
  readonly jitterSeconds?: number;
  /** Called when a tick fails, with the seconds until it is tried again; `null` when it is not. */
  readonly onTickFailed?: (error: unknown, retryInSeconds: number | null) => void;
  /** @internal */
  readonly pace?: Pace;
}

/** Options of `runner.run()`. */
export interface RunOptions {
  /** Class names, codes or patterns such as `billing.*` of the jobs to look at. @default all */
  readonly jobs?: readonly string[];
  /** Only jobs with one of these tags. @default any */
  readonly tags?: readonly string[];
  /** Run them whether due or not; a held lock still keeps a job from running. @default false */
  readonly force?: boolean;
  /** Decide, report, and write nothing at all. @default false */
  readonly dryRun?: boolean;
  /** How many jobs run at once. @default the setting `concurrency` */
  readonly concurrency?: number;
  /** Called with every event of the tick. */
  readonly onEvent?: TickListener;
  /** Once aborted, no further job starts. */
  readonly stop?: AbortSignal;
  /** Once aborted, the signals of running jobs are aborted with its reason. */
  readonly shutdown?: AbortSignal;
  /** Where the process of a job with `isolation: 'process'` finds this host's config. @default MikroORM's own search */
  readonly host?: HostOptions;
}

/** @throws CronError when an option of `runner.run()` is not allowed: a tick must not silently run nothing. */
export function checkRunOptions({ concurrency }: RunOptions): void {
  checkOption('run', 'concurrency', concurrency, isCount, COUNT_ALLOWED);
}

/** @throws CronError when an option of `runner.start()` is not allowed: a loop must not tick without a pause. */
export function checkLoopOptions({ sleepSeconds, exact, jitterSeconds, repeat, concurrency }: LoopOptions): void {
  checkOption('start', 'sleepSeconds', sleepSeconds, isSeconds, SECONDS_ALLOWED);
  checkOption('start', 'exact', exact, value => typeof value === 'boolean', 'true or false');
  checkOption(
    'start',
    'jitterSeconds',
    jitterSeconds,
    value => value === 0 || isSeconds(value),
    `0 or ${SECONDS_ALLOWED}`,
  );
  checkOption('start', 'repeat', repeat, value => value === Infinity || isCount(value), COUNT_ALLOWED);
  checkOption('start', 'concurrency', concurrency, isCount, COUNT_ALLOWED);
}

/** @throws CronError when an option of `runner.prune()` is not allowed: a negative age would delete everything. */
export function checkPruneOptions(olderThanDays: number | undefined, { allCodes }: PruneOptions): void {
  checkOption('prune', 'olderThanDays', olderThanDays, isDays, DAYS_ALLOWED);
  checkOption('prune', 'allCodes', allCodes, value => typeof value === 'boolean', 'true or false');
  if (allCodes && olderThanDays === undefined) {
    throw new CronError(
      'CronRunner.prune(): allCodes needs olderThanDays: it sets the age from which rows of these codes are deleted',
    );
  }
}

/** @throws CronError naming the method, the option, its value and what is allowed. */
export function checkOption(
  method: string,
  name: string,
  value: unknown,
  isAllowed: (value: unknown) => boolean,
  allowed: string,
): void {
  if (value !== undefined && !isAllowed(value)) {
    throw new CronError(`CronRunner.${method}(): ${name} ${showValue(value)} is not allowed; it must be ${allowed}`);
  }
}
