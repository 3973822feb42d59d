import { CronError } from '../../errors.ts';
import type { TickReport } from '../../events/TickEvent.ts';
import { openHost } from '../../host/openHost.ts';
import { parseArguments } from '../../job/jobArguments.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { Output } from '../../terminal/Output.ts';
import type { ExitCode } from '../Action.ts';
import { JobReporter } from './JobReporter.ts';
import { ProcessGuard } from './ProcessGuard.ts';
import { jobSignals } from './ShutdownSignals.ts';

/** Options of `runcrons`. */
export interface RunCronsOptions {
  readonly config?: readonly string[] | undefined;
  readonly contextName?: string | undefined;
  readonly jobs: readonly string[] | undefined;
  readonly tag: readonly string[] | undefined;
  readonly json: boolean | undefined;
  readonly force: boolean | undefined;
  readonly silent: boolean | undefined;
  readonly dryRun: boolean | undefined;
  readonly concurrency: number | undefined;
  readonly strict: boolean | undefined;
  /** `name=value` each. @default none */
  readonly arg?: readonly string[] | undefined;
}

/** Makes one tick and says with which exit code: 0 it was made, 1 it could not be or was cut short, 2 a job failed under `strict`. */
export async function runCrons(options: RunCronsOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const args = options.arg && parseArguments(options.arg);
  if (args && options.force !== true) {
    throw new CronError('--arg needs --force: only a forced run has arguments; add --force, or leave --arg out');
  }
  const runner = getCronRunner(host.orm);
  using reporter = new JobReporter(options, out, runner.settings.timeZone);
  using signals = jobSignals(runner.settings.shutdownGraceSeconds, out);
  using guard = new ProcessGuard(out, why => signals.begin(`Shut down by ${why}`));
  const report = await runner.run({
    jobs: options.jobs ?? [],
    tags: options.tag ?? [],
    force: options.force === true,
    dryRun: options.dryRun === true,
    ...(args === undefined ? {} : { args }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    onEvent: reporter.onEvent,
    stop: signals.stop,
    shutdown: signals.shutdown,
    host: options,
  });
  return guard.hasErrors || signals.shutdown.aborted ? 1 : exitCodeOf(report, options.strict === true);
}

function exitCodeOf({ jobs }: TickReport, isStrict: boolean): ExitCode {
  if (jobs.some(({ outcome }) => outcome === 'broken' || outcome === 'not_started')) {
    return 1;
  }
  return isStrict && jobs.some(({ outcome }) => outcome === 'failed' || outcome === 'timed_out') ? 2 : 0;
}
