import type { Argv, CommandModule } from 'yargs';
import { perform } from '../Action.ts';
import { flagOption, type HostArguments, withExamples } from '../options.ts';

interface CheckArguments extends HostArguments {
  offline: boolean | undefined;
  mail: boolean | undefined;
  json: boolean | undefined;
}

/** `cron:check`: all that can be known without running a job. */
export class CheckCommand implements CommandModule<HostArguments, CheckArguments> {
  readonly command = 'cron:check';
  readonly describe =
    'Check jobs, schedules, settings, migration, database, locks and clocks; exit with 1 on a problem';

  readonly builder = (yargs: Argv<HostArguments>): Argv<CheckArguments> =>
    withExamples(
      yargs
        .option('offline', flagOption('offline', 'Check only what needs no database, for CI'))
        .option('mail', flagOption('mail', 'Also check the mail server; nothing is sent'))
        .option('json', flagOption('json', 'Print {"ok", "checks": [{"name", "status", …}]}')),
      {
        'cron:check': 'After a deployment',
        'cron:check --offline': 'In a CI without a database',
      },
    );

  readonly handler = async (args: CheckArguments): Promise<void> => {
    const { checkHost } = await import('./checkHost.ts');
    await perform(checkHost, args);
  };
}
