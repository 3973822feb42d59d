import { openHost } from '../../host/openHost.ts';
import { getCronRunner } from '../../runner/extension.ts';
import { DataStream } from '../../terminal/DataStream.ts';
import { messageOf } from '../../util/thrown.ts';
import { JobReporter } from './JobReporter.ts';
import { ProcessGuard } from './ProcessGuard.ts';
import { jobSignals } from './ShutdownSignals.ts';

/** What `cronloop` was asked for. */
export interface RunLoopOptions {
  readonly config?: readonly string[] | undefined;
  readonly contextName?: string | undefined;
  readonly jobs: readonly string[] | undefined;
  readonly tag: readonly string[] | undefined;
  readonly json: boolean;
  readonly sleep: number;
  readonly repeat: number | undefined;
  readonly jitter: number;
  readonly silent: boolean;
  readonly concurrency: number | undefined;
}

/** Ticks until SIGTERM or SIGINT, or as often as asked. */
export async function runLoop(options: RunLoopOptions): Promise<void> {
  using data = options.json ? new DataStream() : undefined;
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  using reporter = new JobReporter(options, data, runner.settings.timeZone);
  const complain = (line: string) => void process.stderr.write(`mikro-orm-cron: ${line}\n`);
  using signals = jobSignals(runner.settings.shutdownGraceSeconds);
  using guard = new ProcessGuard(why => signals.begin(`Shut down by ${why}`));
  const loop = runner.loop({
    jobs: options.jobs ?? [],
    tags: options.tag ?? [],
    sleepSeconds: options.sleep,
    jitterSeconds: options.jitter,
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    onEvent: reporter.onEvent,
    onTickFailed: (error, seconds) => {
      const next = seconds === null ? 'that was the last tick' : `trying again in ${Number(seconds.toFixed(1))} s`;
      complain(`${messageOf(error)}; ${next}`);
    },
    stop: signals.stop,
    shutdown: signals.shutdown,
    host: options,
  });
  const isMade = await loop.run();
  // Always, since a job may have set another one.
  process.exitCode = guard.hasTrouble || !isMade || signals.shutdown.aborted ? 1 : 0;
}
