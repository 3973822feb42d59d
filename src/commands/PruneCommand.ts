import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';

interface PruneArguments extends HostArguments {
  'older-than-days': number | undefined;
  json: boolean;
}

/** `cron:prune`: retention now. */
export class PruneCommand implements CommandModule<HostArguments, PruneArguments> {
  readonly command = 'cron:prune';
  readonly describe = 'Delete old rows of the log now';

  readonly builder = (yargs: Argv<HostArguments>): Argv<PruneArguments> =>
    yargs
      .option('older-than-days', {
        type: 'number',
        desc: 'Days after whose end a row is old; without it the setting deleteLogsOlderThanDays',
        requiresArg: true,
      })
      .option('json', { type: 'boolean', default: false, desc: 'Print {"deleted": N}' })
      .check(({ 'older-than-days': days }) => {
        if (days !== undefined && !(Number.isFinite(days) && days > 0)) {
          throw new Error(`--older-than-days: ${days} is not allowed; it must be a number of days above 0`);
        }
        return true;
      })
      .example('$0 cron:prune --older-than-days 30', "Keep a month, and what the jobs' schedules still need");

  readonly handler = async (args: PruneArguments): Promise<void> => {
    const { pruneLog } = await import('./pruneLog.ts');
    const { DataStream } = await import('../terminal/DataStream.ts');
    using data = args.json ? new DataStream() : undefined;
    const rows = await pruneLog(args, args['older-than-days']);
    data?.json({ deleted: rows });
    if (!data) {
      process.stdout.write(`${rows} ${rows === 1 ? 'row' : 'rows'} deleted\n`);
    }
  };
}
