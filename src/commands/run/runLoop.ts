import { openHost } from '../../host/openHost.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { Output } from '../../terminal/Output.ts';
import { messageOf } from '../../util/thrown.ts';
import type { ExitCode } from '../Action.ts';
import { JobReporter } from './JobReporter.ts';
import { ProcessGuard } from './ProcessGuard.ts';
import { jobSignals } from './ShutdownSignals.ts';

/** Options of `cronloop`. */
export interface RunLoopOptions {
  readonly config?: readonly string[] | undefined;
  readonly contextName?: string | undefined;
  readonly jobs: readonly string[] | undefined;
  readonly tag: readonly string[] | undefined;
  readonly json: boolean | undefined;
  readonly sleep: number;
  /** Whether it also ticks when a job is due. */
  readonly exact: boolean;
  readonly repeat: number | undefined;
  readonly jitter: number;
  readonly silent: boolean | undefined;
  readonly concurrency: number | undefined;
}

/** Ticks until a signal, or as often as asked; 1 when the last tick could not be made, or something went wrong that is no job's. */
export async function runLoop(options: RunLoopOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  using reporter = new JobReporter(options, out, runner.settings.timeZone);
  using signals = jobSignals(runner.settings.shutdownGraceSeconds, out);
  using guard = new ProcessGuard(out, why => signals.begin(`Shut down by ${why}`));
  const loop = runner.loop({
    jobs: options.jobs ?? [],
    tags: options.tag ?? [],
    sleepSeconds: options.sleep,
    exact: options.exact,
    jitterSeconds: options.jitter,
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    onEvent: reporter.onEvent,
    onTickFailed: (error, seconds) => {
      const next = seconds === null ? 'that was the last tick' : `trying again in ${Number(seconds.toFixed(1))} s`;
      out.error(`${messageOf(error)}; ${next}`);
    },
    stop: signals.stop,
    shutdown: signals.shutdown,
    host: options,
  });
  const isMade = await loop.run();
  return guard.hasErrors || !isMade || signals.shutdown.aborted ? 1 : 0;
}
