import type { Argv, CommandModule } from 'yargs';
import { perform } from './Action.ts';
import { flagOption, type HostArguments, withExamples } from './options.ts';

interface UnlockArguments extends HostArguments {
  job: string;
  yes: boolean | undefined;
  json: boolean | undefined;
}

/** `cron:unlock`: frees a job's lock, no matter who holds it. */
export class UnlockCommand implements CommandModule<HostArguments, UnlockArguments> {
  readonly command = 'cron:unlock <job>';
  readonly describe = "Free a job's lock, no matter who holds it";

  readonly builder = (yargs: Argv<HostArguments>): Argv<UnlockArguments> =>
    withExamples(
      yargs
        .positional('job', { type: 'string', demandOption: true, desc: 'Class name or code of the job' })
        .option('yes', { ...flagOption('yes', 'Do not ask; needed where there is no terminal'), alias: 'y' })
        .option('json', flagOption('json', 'Print {"code", "holder"}; holder null: it was free')),
      {
        'cron:unlock billing.invoices': 'Show who holds it, ask, then free it',
        'cron:unlock billing.invoices --yes': 'Free it without asking, in a script',
      },
    );

  readonly handler = async (args: UnlockArguments): Promise<void> => {
    const { unlockJob } = await import('./unlockJob.ts');
    await perform(unlockJob, args);
  };
}
