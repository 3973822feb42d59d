import type { Streak } from '../history/readStreaks.ts';
import type { RunStatus } from '../history/CronJobLog.ts';

/** What there is to say about a job. */
export type NoticeKind =
  /** Its newest runs all failed. */
  | 'failing'
  /** So many runs failed in a row since the last check, but it has succeeded since. */
  | 'burst'
  /** It has not succeeded for longer than its schedule allows. */
  | 'overdue'
  /** It succeeded again after a notice of failing or overdue. */
  | 'recovered';

/** One thing to say about one job, as decided from the log. */
export interface Notice {
  readonly code: string;
  readonly kind: NoticeKind;
  /** Whether it has been said before, and still holds. */
  readonly isReminder: boolean;
  /** Start of the first failed run; of the last success before an overdue job fell silent, `null` if it never had one. */
  readonly since: Date | null;
  /** Start of the newest success; `null` when the log has none. */
  readonly lastSuccess: Date | null;
  /** When an overdue job should have run; `null` for the other kinds. */
  readonly expectedAt: Date | null;
  /** The failed runs; `null` for kinds without. */
  readonly streak: Streak | null;
}

/** A run as a notification shows it. */
export interface NotifiedRun {
  readonly startTime: Date;
  readonly status: RunStatus;
  /** In milliseconds; `null` when it has no end. */
  readonly durationMillis: number | null;
  readonly host: string;
  /** The beginning of the message of its log row. */
  readonly message: string;
}

/** A notice with all that a person wants to know. */
export interface DetailedNotice extends Omit<Notice, 'streak'> {
  /** How many runs failed in a row; 0 for kinds without. */
  readonly failures: number;
  /** The newest failed runs, newest first. */
  readonly runs: readonly NotifiedRun[];
  /** The schedule in words. */
  readonly schedule: string;
  /** When the job will be tried again; `null` when never. */
  readonly nextRun: Date | null;
}
