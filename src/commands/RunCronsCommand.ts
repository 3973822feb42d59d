import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';
import { tagOption } from './tagOption.ts';

interface RunCronsArguments extends HostArguments {
  jobs: string[] | undefined;
  tag: string[] | undefined;
  force: boolean;
  silent: boolean;
  json: boolean;
  'dry-run': boolean;
  concurrency: number | undefined;
  strict: boolean;
}

/** `runcrons`: one tick. */
export class RunCronsCommand implements CommandModule<HostArguments, RunCronsArguments> {
  readonly command = 'runcrons [jobs..]';
  readonly describe = 'Run the jobs that are due';

  readonly builder = (yargs: Argv<HostArguments>): Argv<RunCronsArguments> =>
    yargs
      .positional('jobs', {
        type: 'string',
        array: true,
        desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
      })
      .option('tag', tagOption)
      .option('force', {
        type: 'boolean',
        default: false,
        desc: 'Run them whether due or not; a held lock still counts',
      })
      .option('silent', { type: 'boolean', default: false, desc: 'Print nothing but trouble' })
      .option('json', { type: 'boolean', default: false, desc: 'Print what happens as JSON, one object a line' })
      .option('dry-run', { type: 'boolean', default: false, desc: 'Show what would run; write nothing' })
      .option('concurrency', { type: 'number', desc: 'How many jobs run at once', requiresArg: true })
      .option('strict', { type: 'boolean', default: false, desc: 'Exit with 2 when a job failed' })
      .check(({ concurrency, silent, json }) => {
        if (silent && json) {
          throw new Error('--silent and --json exclude each other; leave one of them out');
        }
        if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
          throw new Error(`--concurrency: ${concurrency} is not allowed; it must be a whole number from 1`);
        }
        return true;
      })
      .example('$0 runcrons', 'Run whatever is due')
      .example('$0 runcrons SendDigests --force', 'Run one job now')
      .example('$0 runcrons --dry-run', 'See what would run')
      .example("$0 runcrons 'billing.*' --tag nightly", 'Run the due ones of some jobs')
      .example('$0 runcrons --json --strict', 'In a pipeline: events for a program, exit code 2 when a job failed');

  readonly handler = async (args: RunCronsArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runCrons } = await import('./runCrons.ts');
    process.exitCode = await runCrons({ ...args, dryRun: args['dry-run'] });
  };
}
