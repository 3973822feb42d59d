import { verifyMail } from '../../notify/testMail.ts';
import { messageOf } from '../../util/thrown.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Whether the mail server of the setting `mail` can be reached, and takes its user. */
export async function checkMailServer({ runner }: Pick<CheckContext, 'runner'>): Promise<Finding> {
  const { mail } = runner.allSettings();
  if (!mail) {
    return problem('cron() has no mail setting', 'set mail: { transport, from, admins }, or leave out --mail');
  }
  try {
    return ok(`${await verifyMail(mail)} accepts mail; cron:mail-test sends a test mail`);
  } catch (error) {
    return problem(messageOf(error), 'fix mail.transport in cron()');
  }
}
