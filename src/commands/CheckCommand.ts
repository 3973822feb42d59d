import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';

interface CheckArguments extends HostArguments {
  offline: boolean;
  mail: boolean;
  json: boolean;
}

/** `cron:check`: all that can be known without running a job. */
export class CheckCommand implements CommandModule<HostArguments, CheckArguments> {
  readonly command = 'cron:check';
  readonly describe =
    'Check jobs, schedules, settings, migration, database, locks and clocks; exit with 1 on a problem';

  readonly builder = (yargs: Argv<HostArguments>): Argv<CheckArguments> =>
    yargs
      .option('offline', { type: 'boolean', default: false, desc: 'Only what needs no database, for a CI without one' })
      .option('mail', { type: 'boolean', default: false, desc: 'Ask the mail server too; nothing is sent' })
      .option('json', { type: 'boolean', default: false, desc: 'Print {"ok", "checks": [{"name", "status", …}]}' })
      .example('$0 cron:check', 'After a deployment')
      .example('$0 cron:check --offline', 'In a CI without a database');

  readonly handler = async (args: CheckArguments): Promise<void> => {
    const { checkHost } = await import('./checkHost.ts');
    process.exitCode = (await checkHost(args)) ? 0 : 1;
  };
}
