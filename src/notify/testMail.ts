import { CronError } from '../errors.ts';
import { mailNotifier } from './mailNotifier.ts';
import type { MailSettings } from './MailSettings.ts';
import { openTransport } from './openTransport.ts';

/**
 * Asks the mail server of the setting `mail` whether it would take a mail: connects, and logs in where there is a user.
 * Sends nothing.
 *
 * @param timeoutSeconds how long it may take
 * @returns where the transport leads, without secrets
 * @throws CronError in one line, without secrets, when it would not.
 */
export async function verifyMail(mail: MailSettings, timeoutSeconds = 30): Promise<string> {
  using transport = await openTransport(mail);
  try {
    await transport.verify(AbortSignal.timeout(timeoutSeconds * 1000));
    return transport.name;
  } catch (error) {
    throw new CronError(`cron({ mail.transport }): ${transport.name} cannot be used: ${transport.explain(error)}`);
  }
}

/**
 * Sends a mail that says nothing but that mails arrive, by the very way of the notification job.
 *
 * @param timeoutSeconds how long it may take
 * @returns what the server said of recipients that it refused; '' when it took all
 * @throws CronError in one line, without secrets, when it could not be sent.
 */
export async function sendTestMail(mail: MailSettings, timeoutSeconds = 60): Promise<string> {
  const text = 'This is a test mail of mikro-orm-cron: the notification job can reach you.';
  const notification = {
    subject: 'Test mail of mikro-orm-cron',
    text: `${text}\n`,
    html: `<!doctype html>\n<html><body><p>${text}</p></body></html>\n`,
    notices: [],
    now: new Date(),
  };
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    return (await mailNotifier(mail).notify(notification, signal)) ?? '';
  } catch (error) {
    throw signal.aborted ? new CronError(`mail could not be sent within ${timeoutSeconds} s`) : error;
  }
}
