import type { Argv, CommandModule } from 'yargs';
import { perform } from '../Action.ts';
import { flagOption, type HostArguments, oneOf, tagOption, withExamples } from '../options.ts';
import { LIST_ORDERS, type ListOrder } from './overviewOrders.ts';

interface ListArguments extends HostArguments {
  jobs: string[] | undefined;
  tag: string[] | undefined;
  json: boolean | undefined;
  sort: ListOrder;
  due: boolean | undefined;
  failing: boolean | undefined;
}

/** `cron:list`: the jobs as they stand. */
export class ListCommand implements CommandModule<HostArguments, ListArguments> {
  readonly command = 'cron:list [jobs..]';
  readonly describe = 'Show the jobs: schedule, last run, failures in a row, next due, who holds the lock';

  readonly builder = (yargs: Argv<HostArguments>): Argv<ListArguments> =>
    withExamples(
      yargs
        .positional('jobs', {
          type: 'string',
          array: true,
          desc: 'Class names, codes or patterns such as billing.* of the jobs to show; all when none is given',
        })
        .option('tag', tagOption)
        .option('json', flagOption('json', 'Print a JSON array, one object per job'))
        .option('sort', {
          choices: LIST_ORDERS,
          default: 'jobs' as const,
          requiresArg: true,
          coerce: (given: unknown) => oneOf('sort', given) as ListOrder,
          desc: 'Sort by order in the setting jobs, code, next due, last run (newest first) or failures (most first)',
        })
        .option('due', flagOption('due', 'Only jobs that are due now'))
        .option('failing', flagOption('failing', 'Only jobs that have failed since their last success')),
      {
        'cron:list': 'All jobs, in the order in which they run',
        'cron:list --sort next': 'What runs next',
        'cron:list --failing --json': 'What fails, for a script',
      },
    );

  readonly handler = async (args: ListArguments): Promise<void> => {
    const { listJobs } = await import('./listJobs.ts');
    await perform(listJobs, args);
  };
}
