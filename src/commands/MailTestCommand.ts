import type { Argv, CommandModule } from 'yargs';
import { perform } from './Action.ts';
import { flagOption, type HostArguments, withExamples } from './options.ts';

interface MailTestArguments extends HostArguments {
  json: boolean | undefined;
}

/** `cron:mail-test`: sends a test mail by the setting `mail`. */
export class MailTestCommand implements CommandModule<HostArguments, MailTestArguments> {
  readonly command = 'cron:mail-test';
  readonly describe = 'Send a test mail to the admins of the setting mail';

  readonly builder = (yargs: Argv<HostArguments>): Argv<MailTestArguments> =>
    withExamples(yargs.option('json', flagOption('json', 'Print {"sentTo": […], "note": "…"}')), {
      'cron:mail-test': 'Check that mails of the notification job arrive',
    });

  readonly handler = async (args: MailTestArguments): Promise<void> => {
    const { mailTest } = await import('./mailTest.ts');
    await perform(mailTest, args);
  };
}
