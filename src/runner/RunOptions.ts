import { CronError } from '../errors.ts';
import type { TickListener } from '../events/TickEvent.ts';
import type { PruneOptions } from '../history/Retention.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import type { GivenArguments } from '../job/jobArguments.ts';
import { isListOf, type OptionRule, readFunctionOptions } from '../util/options.ts';
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
  /**
   * Arguments of the one job that is forced, checked by its schema `args`; they are kept in the run's row and shown.
   *
   * @default none
   */
  readonly args?: GivenArguments;
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

const isTexts = (value: unknown) => isListOf(value, text => typeof text === 'string');
const names: OptionRule = { allowed: 'a list of texts', isAllowed: isTexts };
const flag: OptionRule = { allowed: 'true or false', isAllowed: value => typeof value === 'boolean' };
const callable: OptionRule = { allowed: 'a function', isAllowed: value => typeof value === 'function' };
const signal: OptionRule = { allowed: 'an AbortSignal', isAllowed: value => value instanceof AbortSignal };
const anObject: OptionRule = { allowed: 'an object', isAllowed: value => typeof value === 'object' && value !== null };

const runRules: Record<keyof RunOptions, OptionRule> = {
  jobs: names,
  tags: names,
  force: flag,
  args: anObject,
  dryRun: flag,
  concurrency: { allowed: COUNT_ALLOWED, isAllowed: isCount },
  onEvent: callable,
  stop: signal,
  shutdown: signal,
  host: anObject,
};

const loopRules: Record<keyof LoopOptions, OptionRule> = {
  ...runRules,
  sleepSeconds: { allowed: SECONDS_ALLOWED, isAllowed: isSeconds },
  exact: flag,
  repeat: { allowed: COUNT_ALLOWED, isAllowed: value => value === Infinity || isCount(value) },
  jitterSeconds: { allowed: `0 or ${SECONDS_ALLOWED}`, isAllowed: value => value === 0 || isSeconds(value) },
  onTickFailed: callable,
  pace: anObject,
};

const pruneRules: Record<keyof PruneOptions, OptionRule> = {
  allCodes: flag,
  budgetMillis: { allowed: 'a number of milliseconds', isAllowed: value => typeof value === 'number' && value >= 0 },
  stop: signal,
  answer: callable,
};

/** @throws CronError when an option of `runner.run()` is unknown or not allowed: a tick must not silently run nothing. */
export function checkRunOptions(options: RunOptions): RunOptions {
  return check('run', options, runRules);
}

/** @throws CronError when an option of `runner.start()` is unknown or not allowed: a loop must not tick without a pause. */
export function checkLoopOptions(options: LoopOptions): LoopOptions {
  return check('start', options, loopRules);
}

/** @throws CronError when an option of `runner.prune()` is unknown or not allowed: a negative age would delete everything. */
export function checkPruneOptions(olderThanDays: number | undefined, options: PruneOptions): PruneOptions {
  const checked = check('prune', options, pruneRules);
  checkOption('prune', 'olderThanDays', olderThanDays, isDays, DAYS_ALLOWED);
  if (checked.allCodes && olderThanDays === undefined) {
    throw new CronError(
      'CronRunner.prune(): allCodes needs olderThanDays: it sets the age from which rows of these codes are deleted',
    );
  }
  return checked;
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

function check<Options extends object>(
  method: string,
  given: Options,
  rules: Record<keyof Options & string, OptionRule>,
): Options {
  return readFunctionOptions<Options>(`CronRunner.${method}()`, given, rules, message => new CronError(message));
}
