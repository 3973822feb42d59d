import type { RunStatus } from './CronJobLog.ts';

/** Which runs to look at; all conditions that are given must hold. */
export interface LogFilter {
  readonly codes?: readonly string[] | undefined;
  readonly statuses?: readonly RunStatus[] | undefined;
  /** Runs that started then or later. */
  readonly since?: Date | undefined;
  /** Runs that started then or earlier. */
  readonly until?: Date | undefined;
  /** Runs that took longer, or have been running for longer. */
  readonly longerThanMillis?: number | undefined;
  /** Runs whose message contains this text, whatever its case. */
  readonly grep?: string | undefined;
}

/** What counts as a run that ended badly. */
export const FAILED: readonly RunStatus[] = ['failed', 'timed_out', 'abandoned'];
