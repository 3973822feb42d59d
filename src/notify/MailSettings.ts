import type { TransportConfig, Transporter } from 'nodemailer';

/** The setting `mail`: how and to whom the notification job mails. */
export interface MailSettings {
  /** An SMTP URL ('smtps://user:password@mail.example.com'), nodemailer's options of a transport, or a Transporter. */
  readonly transport: string | TransportConfig | Pick<Transporter, 'sendMail' | 'verify'>;

  /** The sender's address. */
  readonly from: string;

  /** The addresses that mails go to. */
  readonly admins: readonly string[];

  /**
   * Stands before every subject.
   *
   * @default ''
   */
  readonly subjectPrefix?: string;

  /**
   * Whether to notify when a job that was reported as failing or overdue succeeds again.
   *
   * @default true
   */
  readonly notifyRecovery?: boolean;

  /**
   * Minutes after which a notice that still holds is sent again.
   *
   * @default never
   */
  readonly remindAfterMins?: number;

  /**
   * Whether to report jobs that have not succeeded for longer than their schedule allows, and by how many minutes they may
   * be late: more than the longest of them takes.
   *
   * @default false; the margin of `true` is 60
   */
  readonly notifyOverdue?: boolean | { readonly marginMins: number };
}
