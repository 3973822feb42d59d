import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';

interface UnlockArguments extends HostArguments {
  job: string;
  yes: boolean;
  json: boolean;
}

/** `cron:unlock`: frees a job's lock, whoever holds it. */
export class UnlockCommand implements CommandModule<HostArguments, UnlockArguments> {
  readonly command = 'cron:unlock <job>';
  readonly describe = "Free a job's lock, whoever holds it";

  readonly builder = (yargs: Argv<HostArguments>): Argv<UnlockArguments> =>
    yargs
      .positional('job', { type: 'string', demandOption: true, desc: 'Class name or code of the job' })
      .option('yes', {
        type: 'boolean',
        alias: 'y',
        default: false,
        desc: 'Do not ask; needed where nobody can answer',
      })
      .option('json', { type: 'boolean', default: false, desc: 'Print {"code", "holder"}; holder null: it was free' })
      .example('$0 cron:unlock billing.invoices', 'Say who holds it, ask, free it')
      .example('$0 cron:unlock billing.invoices --yes', 'Free it without asking, in a script');

  readonly handler = async (args: UnlockArguments): Promise<void> => {
    const { unlockJob } = await import('./unlockJob.ts');
    await unlockJob(args);
  };
}
