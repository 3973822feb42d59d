import type { Argv, CommandModule } from 'yargs';
import { DAYS_ALLOWED, isDays } from '../util/rules.ts';
import { perform } from './Action.ts';
import { flagOption, type HostArguments, numberOption, withExamples } from './options.ts';

interface PruneArguments extends HostArguments {
  'older-than-days': number | undefined;
  'all-codes': boolean | undefined;
  json: boolean | undefined;
}

/** `cron:prune`: retention now. */
export class PruneCommand implements CommandModule<HostArguments, PruneArguments> {
  readonly command = 'cron:prune';
  readonly describe = 'Delete old rows of the log now';

  readonly builder = (yargs: Argv<HostArguments>): Argv<PruneArguments> =>
    withExamples(
      yargs
        .option(
          'older-than-days',
          numberOption('older-than-days', {
            desc: 'Delete runs that ended more than this many days ago, instead of the setting deleteLogsOlderThanDays',
            allowed: DAYS_ALLOWED,
            isAllowed: isDays,
          }),
        )
        .option('all-codes', flagOption('all-codes', 'Also delete old rows of codes that no job of this host has'))
        .option('json', flagOption('json', 'Print what was deleted and kept as JSON')),
      {
        'cron:prune --older-than-days 30': "Keep a month, and what the jobs' schedules still need",
        'cron:prune --older-than-days 365 --all-codes': 'Clear out what renamed jobs left behind',
      },
    );

  readonly handler = async (args: PruneArguments): Promise<void> => {
    const { pruneLog } = await import('./pruneLog.ts');
    await perform(pruneLog, { ...args, olderThanDays: args['older-than-days'], allCodes: args['all-codes'] });
  };
}
