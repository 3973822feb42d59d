import type { Argv, CommandModule } from 'yargs';
import { flagOption } from './flagOption.ts';
import { count, numberOption } from './numberOption.ts';
import type { HostArguments } from './hostArguments.ts';
import { tagOption } from './tagOption.ts';
import { withExamples } from './withExamples.ts';

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
    withExamples(
      yargs
        .positional('jobs', {
          type: 'string',
          array: true,
          desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
        })
        .option('tag', tagOption)
        .option('force', flagOption('Run them whether due or not; a held lock still counts'))
        .option('silent', flagOption('Print nothing but trouble'))
        .option('json', flagOption('Print what happens as JSON, one object a line'))
        .option('dry-run', flagOption('Show what would run; write nothing'))
        .option('concurrency', numberOption('concurrency', count('How many jobs run at once')))
        .option('strict', flagOption('Exit with 2 when a job failed'))
        .check(({ silent, json }) => {
          if (silent && json) {
            throw new Error('--silent and --json exclude each other; leave one of them out');
          }
          return true;
        }),
      {
        runcrons: 'Run whatever is due',
        'runcrons SendDigests --force': 'Run one job now',
        'runcrons --dry-run': 'See what would run',
        "runcrons 'billing.*' --tag nightly": 'Run the due ones of some jobs',
        'runcrons --json --strict': 'In a pipeline: events for a program, exit code 2 when a job failed',
      },
    );

  readonly handler = async (args: RunCronsArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runCrons } = await import('./runCrons.ts');
    process.exitCode = await runCrons({ ...args, dryRun: args['dry-run'] });
  };
}
