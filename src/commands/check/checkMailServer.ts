import { verifyMail } from '../../notify/testMail.ts';
import { messageOf } from '../../util/thrown.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Whether the mail server of the setting `mail` can be reached, and takes its user. */
export async function checkMailServer({ runner }: Pick<CheckContext, 'runner'>): Promise<Finding> {
  const { mail } = runner.settings;
  if (!mail) {
    return problem('cron() has no setting mail', 'give it { transport, from, admins }, or leave out --mail');
  }
  try {
    return ok(`${await verifyMail(mail)} would take mails; cron:mail-test sends one`);
  } catch (error) {
    return problem(messageOf(error), 'mend mail.transport in cron()');
  }
}
