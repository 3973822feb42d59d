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
   * Whether it is told too when a job that was told as failing or overdue has succeeded again.
   *
   * @default true
   */
  readonly notifyRecovery?: boolean;

  /**
   * Minutes after which what has been told and still holds is told again.
   *
   * @default never
   */
  readonly remindAfterMins?: number;

  /**
   * Whether jobs are told that have not succeeded for longer than their schedule allows, and by how many minutes they may
   * be late: more than the longest of them takes.
   *
   * @default false; the margin of `true` is 60
   */
  readonly notifyOverdue?: boolean | { readonly marginMins: number };
}
