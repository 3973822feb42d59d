import type { Argv, CommandModule } from 'yargs';
import type { RunStatus } from '../../history/CronJobLog.ts';
import { perform } from '../Action.ts';
import {
  count,
  flagOption,
  type HostArguments,
  numberOption,
  parseNumber,
  textOption,
  withExamples,
} from '../options.ts';
import type { LogArguments } from './showLog.ts';

const STATUSES: readonly RunStatus[] = [
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'abandoned',
  'cancelled',
  'missed',
];

const FILTERS = ['code', 'failed', 'status', 'since', 'until', 'longer-than', 'grep', 'before', 'follow'] as const;

/** `cron:log`: the history. */
export class LogCommand implements CommandModule<HostArguments, LogArguments> {
  readonly command = 'cron:log [id]';
  readonly describe = 'Show the runs in the log, newest first, or one run in full';

  readonly builder = (yargs: Argv<HostArguments>): Argv<LogArguments> =>
    withExamples(
      yargs
        .positional('id', { desc: 'Show this run with its full message', coerce: runId })
        .option('code', {
          type: 'string',
          array: true,
          nargs: 1,
          desc: 'Only runs of this job: code, class name or a pattern such as billing.*; may be given more than once',
        })
        .option('failed', {
          ...flagOption('failed', 'Only runs that failed, timed out or were abandoned'),
          conflicts: 'status',
        })
        .option('status', {
          array: true,
          choices: STATUSES,
          nargs: 1,
          desc: 'Only runs with this status; may be given more than once',
        })
        .option(
          'since',
          textOption('since', "Only runs that started since: 2h (ago), 2026-03-01, '2026-03-01 06:30' or ISO 8601"),
        )
        .option('until', textOption('until', 'Only runs that started up to this time'))
        .option('longer-than', textOption('longer-than', 'Only runs that took longer: 90s, 5m, 1h30m'))
        .option('grep', textOption('grep', 'Only runs whose message contains this text, ignoring case'))
        .option('before', numberOption('before', count('Only runs with a smaller id: the next page')))
        .option('limit', numberOption('limit', count('Maximum number of runs  [default: 20]')))
        .option('json', flagOption('json', 'Print JSON, one object per line, with full messages'))
        .option('follow', {
          ...flagOption('follow', 'Keep printing runs as they start and end, until Ctrl-C'),
          alias: 'f',
          conflicts: ['until', 'before'],
        })
        .check(checkLogArguments),
      {
        'cron:log --failed --since 1d': 'What failed since yesterday at this time',
        'cron:log 123': 'One run with its full message',
        "cron:log --code 'billing.*' --follow": 'Watch some jobs',
        'cron:log --longer-than 5m --json': 'Slow runs, for a script',
      },
    );

  readonly handler = async (args: LogArguments): Promise<void> => {
    const { showLog } = await import('./showLog.ts');
    await perform(showLog, { ...args, longerThan: args['longer-than'] });
  };
}

/** People look for a job's runs and type its name. */
function runId(given: unknown): number {
  const id = parseNumber(given);
  if (!(Number.isSafeInteger(id) && id >= 1)) {
    throw new Error(
      `cron:log: '${String(given)}' is not the id of a run, a whole number from 1; for the runs of a job use --code`,
    );
  }
  return id;
}

function checkLogArguments(args: Partial<Record<(typeof FILTERS)[number] | 'id', unknown>>): true {
  const given = FILTERS.filter(name => args[name] !== undefined && args[name] !== false);
  if (args.id !== undefined && given.length > 0) {
    throw new Error(`cron:log: a run's id and --${given[0]} are mutually exclusive; leave one of them out`);
  }
  return true;
}
