import type { RunStatus } from '../history/CronJobLog.ts';

/** A failed run as a streak lists it. */
export interface FailedRun {
  readonly id: number;
  readonly status: RunStatus;
  readonly startTime: Date;
  readonly endTime: Date | null;
}

/** Finished runs of one job that failed (failed, timed out, abandoned) with no success between them, by start. */
export interface Streak {
  /** How many the log still has of them, at least since the last check. */
  readonly failures: number;
  /** Start of the oldest of them. */
  readonly firstStart: Date;
  /** Start of the newest of them. */
  readonly lastStart: Date;
  /** When the last of them to end did. */
  readonly lastEnd: Date;
  /** Start of the success that ended the streak; `null` while it goes on. */
  readonly endedAt: Date | null;
  /** The newest of them, newest first. */
  readonly runs: readonly FailedRun[];
}
