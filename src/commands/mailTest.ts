import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { sendTestMail } from '../notify/testMail.ts';
import { getCronRunner } from '../runner/extension.ts';
import type { Output } from '../terminal/Output.ts';
import type { ExitCode } from './Action.ts';

/** Options of `cron:mail-test`. */
export interface MailTestOptions extends HostOptions {
  readonly json: boolean | undefined;
}

/**
 * Sends a test mail by a host's setting `mail`.
 *
 * @throws CronError when there is no such setting, or the mail could not be sent.
 */
export async function mailTest(options: MailTestOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const { mail } = getCronRunner(host.orm).allSettings();
  if (!mail) {
    throw new CronError('cron({ mail }): it is missing; give it { transport, from, admins }');
  }
  const note = await sendTestMail(mail);
  if (options.json) {
    out.data({ sentTo: mail.admins, note });
    return 0;
  }
  out.text.line(`Sent to ${mail.admins.join(', ')}`);
  if (note !== '') {
    out.text.line(note);
  }
  return 0;
}
