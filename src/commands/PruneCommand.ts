import type { Argv, CommandModule } from 'yargs';
import { DAYS_ALLOWED, isDays } from '../util/rules.ts';
import { flagOption, type HostArguments, numberOption, withExamples } from './options.ts';
import type { PruneResult } from './pruneLog.ts';

interface PruneArguments extends HostArguments {
  'older-than-days': number | undefined;
  'all-codes': boolean;
  json: boolean;
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
            desc: 'Days after whose end a row is old; without it the setting deleteLogsOlderThanDays',
            allowed: DAYS_ALLOWED,
            isAllowed: isDays,
          }),
        )
        .option('all-codes', flagOption('Delete old rows of codes too that no job of this host has'))
        .option('json', flagOption('Print what was deleted and kept as JSON')),
      {
        'cron:prune --older-than-days 30': "Keep a month, and what the jobs' schedules still need",
        'cron:prune --older-than-days 365 --all-codes': 'Clear out what renamed jobs left behind',
      },
    );

  readonly handler = async (args: PruneArguments): Promise<void> => {
    const { pruneLog } = await import('./pruneLog.ts');
    const { DataStream } = await import('../terminal/DataStream.ts');
    using data = args.json ? new DataStream() : undefined;
    const result = await pruneLog(args, { olderThanDays: args['older-than-days'], allCodes: args['all-codes'] });
    data?.json(result);
    if (!data) {
      process.stdout.write(textOf(result));
    }
  };
}

function textOf({ deleted, keptOfUnknownCodes: kept }: PruneResult): string {
  const deletedText = `${count(deleted, 'row')} deleted\n`;
  return kept === null || kept.rows === 0
    ? deletedText
    : `${deletedText}${count(kept.rows, 'row')} of ${count(kept.codes, 'code')} that this host does not know` +
        ` ${kept.rows === 1 ? 'was' : 'were'} kept; --all-codes deletes ${kept.rows === 1 ? 'it' : 'them'} too\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
