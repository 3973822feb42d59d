import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';

interface RunCronsArguments extends HostArguments {
  jobs: string[] | undefined;
  force: boolean;
  silent: boolean;
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
        desc: 'Class names or codes of the jobs to look at; all when none is given',
      })
      .option('force', {
        type: 'boolean',
        default: false,
        desc: 'Run them whether due or not; a held lock still counts',
      })
      .option('silent', { type: 'boolean', default: false, desc: 'Print nothing but trouble' })
      .option('dry-run', { type: 'boolean', default: false, desc: 'Show what would run; write nothing' })
      .option('concurrency', { type: 'number', desc: 'How many jobs run at once', requiresArg: true })
      .option('strict', { type: 'boolean', default: false, desc: 'Exit with 2 when a job failed' })
      .check(({ concurrency }) => {
        if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
          throw new Error(`--concurrency: ${concurrency} is not allowed; it must be a whole number from 1`);
        }
        return true;
      })
      .example('$0 runcrons', 'Run whatever is due')
      .example('$0 runcrons SendDigests --force', 'Run one job now')
      .example('$0 runcrons --dry-run', 'See what would run');

  readonly handler = async (args: RunCronsArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runCrons } = await import('./runCrons.ts');
    process.exitCode = await runCrons({ ...args, dryRun: args['dry-run'] });
  };
}
