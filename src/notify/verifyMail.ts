import { CronError } from '../errors.ts';
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
