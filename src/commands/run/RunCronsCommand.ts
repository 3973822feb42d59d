import type { Argv, CommandModule } from 'yargs';
import { perform } from '../Action.ts';
import {
  argOption,
  flagOption,
  type HostArguments,
  type RunArguments,
  withExamples,
  withRunOptions,
} from '../options.ts';

interface RunCronsArguments extends RunArguments {
  force: boolean | undefined;
  'dry-run': boolean | undefined;
  strict: boolean | undefined;
  arg: string[] | undefined;
}

/** `runcrons`: one tick. */
export class RunCronsCommand implements CommandModule<HostArguments, RunCronsArguments> {
  readonly command = 'runcrons [jobs..]';
  readonly describe = 'Run the jobs that are due';

  readonly builder = (yargs: Argv<HostArguments>): Argv<RunCronsArguments> =>
    withExamples(
      withRunOptions(yargs)
        .option('force', flagOption('force', 'Run the jobs whether they are due or not; locks still apply'))
        .option('arg', argOption)
        .option('dry-run', flagOption('dry-run', 'Show what would run; write nothing'))
        .option('strict', flagOption('strict', 'Exit with 2 when a job failed')),
      {
        runcrons: 'Run whatever is due',
        'runcrons SendDigests --force': 'Run one job now',
        'runcrons SendDigests --force --arg from=2026-01-01': 'Run one job now, with an argument',
        'runcrons --dry-run': 'See what would run',
        "runcrons 'billing.*' --tag nightly": 'Run the due ones of some jobs',
        'runcrons --json --strict': 'In a pipeline: events for a program, exit code 2 when a job failed',
      },
    );

  readonly handler = async (args: RunCronsArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runCrons } = await import('./runCrons.ts');
    await perform(runCrons, { ...args, dryRun: args['dry-run'] });
  };
}
