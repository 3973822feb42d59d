import type { DetailedNotice } from '../notices/Notice.ts';

/** What a notifier sends: one for all that a check found. */
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
 * A way to tell people. What it throws makes the notification job fail, and the next tick tries this notifier again;
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
  /** Names it in the log, by which it is remembered what it has been told: unique, and for ever. */
  readonly name: string;
  /**
   * Sends a notification.
   *
   * @param signal aborted when the job's time is up
   * @returns a text to be kept in the log, or nothing
   */
  notify(notification: CronNotification, signal: AbortSignal): Promise<string | void>;
}
