import { CronError } from '../errors.ts';
import type { MailSettings } from './MailSettings.ts';
import type { Notifier } from './Notifier.ts';
import { openTransport } from './openTransport.ts';

/** Headers that keep machines, out-of-office replies above all, from answering. */
const NO_REPLIES = { 'Auto-Submitted': 'auto-generated', Precedence: 'bulk', 'X-Auto-Response-Suppress': 'All' };

/** The longest subject, in characters: RFC 5322 asks for lines of at most 78, and mail programs show about that many. */
const SUBJECT_LENGTH = 200;

/** The built-in notifier of the setting `mail`: one mail for a notification, to all admins. */
export function mailNotifier(mail: MailSettings): Notifier {
  return {
    name: 'mail',
    async notify({ subject, text, html }, signal) {
      using transport = await openTransport(mail);
      try {
        const { rejected } = await transport.send(
          {
            from: mail.from,
            to: [...mail.admins],
            subject: subjectLine(`${mail.subjectPrefix ?? ''}${subject}`),
            text,
            html,
            headers: NO_REPLIES,
            // Texts come from messages of jobs: nothing in them may name a file or URL to be read in.
            disableFileAccess: true,
            disableUrlAccess: true,
          },
          signal,
        );
        const refused: unknown[] = Array.isArray(rejected) ? rejected : [];
        return refused.length > 0 ? `mail: the server refused ${refused.join(', ')}` : '';
      } catch (error) {
        throw signal.aborted
          ? signal.reason
          : new CronError(`mail by ${transport.name} could not be sent: ${transport.explain(error)}`);
      }
    },
  };
}

function subjectLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return line.length <= SUBJECT_LENGTH ? line : `${line.slice(0, SUBJECT_LENGTH - 1).toWellFormed()}…`;
}
