import type { CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import type { Decision } from '../schedule/isDue.ts';

/** The outcome of one job in one tick. */
export type JobOutcome =
  /** Ran and ended well. */
  | 'succeeded'
  /** Ran and threw, lost its lock, or was aborted by a shutdown. */
  | 'failed'
  /** Somebody cancelled the run. */
  | 'cancelled'
  /** Ran longer than its time-out. */
  | 'timed_out'
  /** Was not due. */
  | 'not_due'
  /** Was due, but somebody else holds its lock. */
  | 'locked'
  /** Is due, but the tick was a dry run. */
  | 'would_run'
  /** Was due, but the runner was stopped before the job started came. */
  | 'not_started'
  /** Could not be run, or its outcome could not be written: the lock backend or the database failed. */
  | 'broken';

/** One job's part of a tick. */
export interface JobReport {
  readonly job: CronJobBase;
  readonly outcome: JobOutcome;
  /** Why it ran, or why not, in words. */
  readonly reason: string;
  /** The run's log row; `null` when the job did not run. */
  readonly log: CronJobLog | null;
  /** How long the run took, in milliseconds; `null` when the job did not run. */
  readonly durationMillis: number | null;
  /** Who holds the lock, with outcome `locked` where the backend knows. */
  readonly holder: LockHolder | null;
  /** What failed, with the outcomes `failed`, `timed_out` and `broken`. */
  readonly error?: unknown;
}

/** An action of a person on a job, or on all jobs where `job` is `null`. */
export type OperatorAction =
  | {
      readonly action: 'pause';
      readonly job: CronJobBase | null;
      readonly by: string;
      readonly until: Date | null;
      readonly reason: string | null;
    }
  | { readonly action: 'resume'; readonly job: CronJobBase | null; readonly by: string }
  /** With `slot` its next slot is skipped, with `until` everything before that. */
  | {
      readonly action: 'skip';
      readonly job: CronJobBase;
      readonly by: string;
      readonly slot: Date | null;
      readonly until: Date | null;
    }
  /** A run was requested; `id` is the number of the request. */
  | { readonly action: 'request'; readonly job: CronJobBase; readonly by: string; readonly id: string }
  /** These runs are to end. */
  | { readonly action: 'cancel'; readonly job: CronJobBase; readonly by: string; readonly runs: readonly number[] };

/** What a tick reports to its listeners, as it happens. */
export type TickEvent =
  | { readonly type: 'tickStarted'; readonly now: Date; readonly jobs: readonly CronJobBase[] }
  /** A job was due when the tick looked. */
  | { readonly type: 'jobDue'; readonly job: CronJobBase; readonly decision: Decision }
  /** Rows that dead processes left as running were closed, before this job's own run. */
  | { readonly type: 'abandoned'; readonly job: CronJobBase; readonly logs: readonly CronJobLog[] }
  | { readonly type: 'jobStarted'; readonly job: CronJobBase; readonly log: CronJobLog; readonly reason: string }
  /** A job said how far it is, by `context.progress()`. */
  | {
      readonly type: 'progress';
      readonly job: CronJobBase;
      readonly log: CronJobLog;
      readonly done: number;
      readonly total: number | undefined;
    }
  /** A run's lock was lost; its signal is aborted. */
  | { readonly type: 'lockLost'; readonly job: CronJobBase; readonly log: CronJobLog; readonly error: unknown }
  | { readonly type: 'jobDone'; readonly report: JobReport }
  /** Old rows were deleted from the log. */
  | { readonly type: 'pruned'; readonly rows: number }
  /** Something went wrong that changes the outcome of no run but needs attention. */
  | {
      readonly type: 'warning';
      readonly job: CronJobBase | null;
      readonly message: string;
      readonly error: unknown;
    }
  | { readonly type: 'tickEnded'; readonly report: TickReport };

/**
 * Receives a tick's events; may be async. What it throws is reported as a warning: no listener can break a tick, and only the
 * tick's end waits for it.
 */
export type TickListener = (event: TickEvent) => unknown;

/** A whole tick. */
export interface TickReport {
  /** The instant the schedules were asked about. */
  readonly now: Date;
  /** One report a job, in the order in which they were done. */
  readonly jobs: readonly JobReport[];
  /** How long the tick took, in milliseconds. */
  readonly durationMillis: number;
}
