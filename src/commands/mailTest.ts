import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { sendTestMail } from '../notify/testMail.ts';
import { getCronRunner } from '../runner/extension.ts';

/**
 * Sends a test mail by a host's setting `mail`.
 *
 * @throws CronError when there is no such setting, or the mail could not be sent.
 */
export async function mailTest(options: HostOptions): Promise<{ sentTo: readonly string[]; note: string }> {
  await using host = await openHost(options);
  const { mail } = getCronRunner(host.orm).settings;
  if (!mail) {
    throw new CronError('cron({ mail }): it is missing; give it { transport, from, admins }');
  }
  return { sentTo: mail.admins, note: await sendTestMail(mail) };
}
