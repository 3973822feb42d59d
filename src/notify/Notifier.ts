import type { RunStatus } from '../history/CronJobLog.ts';

/** Why a job is in a notification. */
export type NoticeKind =
  /** Its newest runs all failed. */
  | 'failing'
  /** So many runs failed in a row since the last check, but it has succeeded since. */
  | 'burst'
  /** It has not succeeded for longer than its schedule allows. */
  | 'overdue'
  /** It succeeded again after a notice of failing or overdue. */
  | 'recovered';

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
export interface DetailedNotice {
  readonly code: string;
  readonly kind: NoticeKind;
  /** Whether it has been sent before, and still holds. */
  readonly isReminder: boolean;
  /** Start of the first failed run; of the last success before an overdue job fell silent, `null` if it never had one. */
  readonly since: Date | null;
  /** Start of the newest success; `null` when the log has none. */
  readonly lastSuccess: Date | null;
  /** When an overdue job should have run; `null` for the other kinds. */
  readonly expectedAt: Date | null;
  /** How many runs failed in a row; 0 for kinds without. */
  readonly failures: number;
  /** The newest failed runs, newest first. */
  readonly runs: readonly NotifiedRun[];
  /** The schedule in words. */
  readonly schedule: string;
  /** When the job will be tried again; `null` when never. */
  readonly nextRun: Date | null;
}

/** One notification with all notices of a check. */
export interface CronNotification {
  /** One line, without `mail.subjectPrefix`. */
  readonly subject: string;
  /** The whole as plain text. */
  readonly text: string;
  /** The whole as a simple HTML page. */
  readonly html: string;
  /** The same as data. */
  readonly notices: readonly DetailedNotice[];
  /** When the log was looked at. */
  readonly now: Date;
}

/**
 * A channel for notifications. What it throws makes the notification job fail, and the next tick tries this notifier again;
 * the message of the error goes to the log, so it must hold no secret.
 *
 * @example
 * ```ts
 * const slack: Notifier = {
 *   name: 'slack',
 *   async notify({ text }, signal) {
 *     const body = JSON.stringify({ text });
 *     const response = await fetch(process.env.SLACK_URL, { method: 'POST', body, signal });
 *     if (!response.ok) throw new Error(`Slack answered ${response.status}`);
 *   },
 * };
 * ```
 */
export interface Notifier {
  /** Identifies the notifier's state in the log: unique, and must not change. */
  readonly name: string;
  /**
   * Sends a notification.
   *
   * @param signal aborted when the job's time is up
   * @returns a text to be kept in the log, or nothing
   */
  notify(notification: CronNotification, signal: AbortSignal): Promise<string | void>;
}
