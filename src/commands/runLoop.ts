import { getCronRunner } from '../extension.ts';
import { CronLoop } from '../runner/CronLoop.ts';
import { openHost } from './openHost.ts';
import { jobSignals } from './ShutdownSignals.ts';
import { TextReporter } from './TextReporter.ts';

/** What `cronloop` was asked for. */
export interface RunLoopOptions {
  readonly config?: readonly string[] | undefined;
  readonly contextName?: string | undefined;
  readonly jobs: readonly string[] | undefined;
  readonly sleep: number;
  readonly repeat: number | undefined;
  readonly jitter: number;
  readonly silent: boolean;
  readonly concurrency: number | undefined;
}

/** Ticks until SIGTERM or SIGINT, or as often as asked. */
export async function runLoop(options: RunLoopOptions): Promise<void> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { out, err } = { out: options.silent ? undefined : process.stdout, err: process.stderr };
  const complain = (line: string) => void err.write(`mikro-orm-cron: ${line}\n`);
  using signals = jobSignals(runner.settings.shutdownGraceSeconds);
  const loop = new CronLoop(runner, {
    jobs: options.jobs ?? [],
    sleepSeconds: options.sleep,
    jitterSeconds: options.jitter,
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    onEvent: new TextReporter({ out, err }).onEvent,
    onTickFailed: (error, seconds) =>
      complain(`${error instanceof Error ? error.message : String(error)}; trying again in ${seconds} s`),
    stop: signals.stop,
    shutdown: signals.shutdown,
    host: options,
  });
  await loop.run();
}
