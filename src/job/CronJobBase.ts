import type { Duration } from 'luxon';
import { CronJobError } from '../errors.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { CronJobContext } from './CronJobContext.ts';
import type { ArgumentsSchema } from './jobArguments.ts';

/** Where a job runs. */
export type JobIsolation = 'none' | 'process';

/** URLs of a monitor (healthchecks.io, Better Stack, Sentry crons and their like), each fetched by GET at its moment. */
export interface JobPings {
  /** When a run starts. */
  readonly start?: string;
  /** When a run has ended well. */
  readonly success?: string;
  /** When a run failed, timed out, was found abandoned, or could not be made. */
  readonly failure?: string;
}

/** The runner as the jobs registered with it see it. */
export interface JobRunner {
  timeUntilRun(job: CronJobBase): Promise<Duration | null>;
  previousSuccess(job: CronJobBase): Promise<CronJobLog | null>;
}

/** Recognizes jobs of another copy of the package, where `instanceof` does not. */
const brand = Symbol.for('mikro-orm-cron.job');

/** Failures in a row that make a notification, unless a job says otherwise. */
export const DEFAULT_MIN_NUM_FAILURES = 10;

/** One for all copies of the package in a process: a job of one copy may be registered by the runner of another. */
const registry = globalThis as { [key: symbol]: WeakMap<CronJobBase, JobRunner> | undefined };
const runners = (registry[Symbol.for('mikro-orm-cron.runners')] ??= new WeakMap<CronJobBase, JobRunner>());

/**
 * A scheduled job: a class of the host's own.
 *
 * @example
 * ```ts
 * export class SendDigests extends CronJobBase {
 *   readonly code = 'my_app.send_digests';
 *   readonly schedule = new Schedule({ runEveryMins: 120, runAtTimes: ['06:30'] });
 *
 *   async do({ em, signal }: CronJobContext) {
 *     const sent = await sendDigests(em, signal);
 *     return `${sent} digests sent`;
 *   }
 * }
 * ```
 */
export abstract class CronJobBase {
  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** Identifies the job in the log and the lock, and must not change: unique among the host's jobs, 1 to 64 characters. */
  abstract readonly code: string;

  /** When the job runs. */
  abstract readonly schedule: Schedule;

  /**
   * Whether a run may start while another run of this job is going: no lock is taken then.
   *
   * @default false
   */
  readonly allowParallelRuns: boolean = false;

  /**
   * Groups of jobs that this one belongs to, for `runcrons --tag`.
   *
   * @default none
   */
  readonly tags?: readonly string[];

  /**
   * How many failed runs in a row make a notification.
   *
   * @default 10
   */
  readonly minNumFailures: number = DEFAULT_MIN_NUM_FAILURES;

  /**
   * Keep only the newest success of this job in the log.
   *
   * @default the setting `removeSuccessfulLogs`
   */
  readonly removeSuccessfulLogs?: boolean;

  /**
   * Seconds after which a run's signal is aborted and the run counts as timed out.
   *
   * @default the setting `timeoutSeconds`
   */
  readonly timeoutSeconds?: number;

  /**
   * Seconds this job's lock outlives its holder's last heartbeat.
   *
   * @default the setting `lockTimeSeconds`
   */
  readonly lockTimeSeconds?: number;

  /**
   * Where the job runs: with 'process' in a process of its own, which loads the host's config itself, so that a crash,
   * `process.exit()`, memory running out or a blocked event loop ends that run and nothing else. Costs a Node start.
   *
   * @default 'none': in the runner's process
   */
  readonly isolation?: JobIsolation;

  /**
   * Whether what the job prints goes into the message of its row instead of to stdout and stderr.
   *
   * @default the setting `captureConsole`
   */
  readonly captureConsole?: boolean;

  /**
   * URLs of a monitor that are fetched when a run starts, succeeds and fails.
   *
   * @default none
   */
  readonly pings?: JobPings;

  /**
   * Schema of the arguments that a forced run may be given (`runcrons X --force --arg from=2026-01-01`), of zod, valibot,
   * arktype or another library that speaks Standard Schema. What it makes of them is `context.args`. They are kept in
   * the run's row and shown, so they are not the place for secrets.
   *
   * @default none: arguments are refused
   */
  readonly args?: ArgumentsSchema;

  /**
   * Does the work. Returning ends the run as a success, and what is returned becomes the message of its log row;
   * throwing ends it as a failure, and the error with its stack and causes becomes the message.
   */
  abstract do(context: CronJobContext): unknown;

  /**
   * How long until the job is due: zero when it is due now, `null` when it will never be again.
   *
   * @throws CronJobError when no runner has registered this job.
   */
  async getTimeUntilRun(): Promise<Duration | null> {
    return runnerOf(this).timeUntilRun(this);
  }

  /**
   * The newest successful run before the present one; `null` when there is none.
   *
   * @throws CronJobError when no runner has registered this job.
   */
  async getPrevSuccessCron(): Promise<CronJobLog | null> {
    return runnerOf(this).previousSuccess(this);
  }
}

/** Registers a job with its runner. */
export function registerJob(job: CronJobBase, runner: JobRunner): void {
  runners.set(job, runner);
}

/**
 * The runner that registered a job.
 *
 * @throws CronJobError when no runner has registered this job.
 */
export function runnerOf(job: CronJobBase): JobRunner {
  const runner = runners.get(job);
  if (!runner) {
    throw new CronJobError(
      `Job ${job.constructor.name}: no runner has registered it; list it in cron({ jobs }) and get the runner with getCronRunner(orm)`,
      { jobCode: job.code },
    );
  }
  return runner;
}

/** A job class that can be constructed, as a host lists it in `jobs`. */
export type CronJobClass = abstract new (...args: never[]) => CronJobBase;

/** Whether a value is a job class, also when it comes from another copy of this package. */
export function isJobClass(value: unknown): value is CronJobClass {
  return typeof value === 'function' && isJob(value.prototype);
}

/** Whether a value is a job, also when it comes from another copy of this package. */
export function isJob(value: unknown): value is CronJobBase {
  return typeof value === 'object' && value !== null && brand in value;
}
