import { setTimeout as delay } from 'node:timers/promises';
import { CronError } from '../errors.ts';
import { copyLog, type CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { argumentsOfRun } from '../job/jobArguments.ts';
import { messageOf, showReturned } from '../util/thrown.ts';
import { RunCancelled } from './CancelWatch.ts';
import { captureConsole, uncaptured } from './captureConsole.ts';
import type { Executor, RunContext } from './Executor.ts';
import { MessageStream } from './MessageStream.ts';
import { type AbortSources, RunAbort } from './RunAbort.ts';
import { RunScope, UncaughtInJob } from './RunScope.ts';

/** What a run is made of, and what may cut it short. */
export interface JobRunOptions extends AbortSources {
  readonly job: CronJobBase;
  readonly log: CronJobLog;
  /** Number of the claim; `null` for a run that takes no lock. */
  readonly fence: number | null;
  readonly previousSuccess: CronJobLog | null;
  readonly isForced: boolean;
  readonly executor: Executor;
  /** Whether what the job prints goes into its message. */
  readonly captureConsole: boolean;
  /** Seconds the job has to settle once aborted. */
  readonly graceSeconds: number;
  /** Makes the text of what a job threw. */
  readonly describeError: (error: unknown) => string;
  /** Writes the message of the run's row while the run is going. */
  readonly saveMessage: (text: string) => Promise<unknown>;
  /** Called when the job reports its progress. */
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/** How a run went. */
export interface JobRunResult {
  readonly status: 'succeeded' | 'failed' | 'timed_out' | 'cancelled';
  /** For the log: what `do()` returned, or the error, after what the job has written. */
  readonly message: string;
  readonly error?: unknown;
  /** Whether the job has settled; one that ignored its signal for the whole grace may still be going on. */
  readonly isSettled: boolean;
  /** Settles, never rejecting, when the job does. */
  readonly settled: Promise<unknown>;
}

/** Stands for the error of a run whose signal was aborted before `do()` was called. */
const NOT_BEGUN = Symbol('not begun');

/** How `do()` settled, before anybody asks whether the run was aborted. */
type Settled = { readonly returned: string } | { readonly error: unknown };

/**
 * Runs `do()` once: with a signal that time-out, lost lock, shutdown and an error that nobody caught abort. A run that was aborted before it settled
 * is never a success, whatever it returns afterwards, since a job that heeds its signal ends early and half done.
 */
export class JobRun {
  readonly #options: JobRunOptions;

  constructor(options: JobRunOptions) {
    this.#options = options;
  }

  async run(): Promise<JobRunResult> {
    using abort = new RunAbort(this.#options);
    using message = new MessageStream(this.#options.saveMessage);
    if (abort.signal.aborted) {
      return this.#aborted(abort.signal.reason, { error: NOT_BEGUN }, message, Promise.resolve());
    }
    const scope = new RunScope(this.#options.job.code, reason => abort.because(reason));
    const settled = scope.run(async () => this.#execute(abort.signal, message));
    await Promise.race([settled, abort.aborted]);
    if (abort.signal.aborted) {
      return this.#aborted(abort.signal.reason, await this.#settleWithin(settled), message, settled);
    }
    const end = await settled;
    return 'error' in end
      ? {
          status: 'failed',
          message: message.text(this.#options.describeError(end.error)),
          error: end.error,
          isSettled: true,
          settled,
        }
      : { status: 'succeeded', message: message.text(end.returned), isSettled: true, settled };
  }

  async #execute(signal: AbortSignal, message: MessageStream): Promise<Settled> {
    const { executor, job, log } = this.#options;
    try {
      const args = await argumentsOfRun(job, log);
      const run = () => executor.execute(job, this.#context(args, signal, message));
      const returned = this.#options.captureConsole ? await captureConsole(message.write, run) : await run();
      return { returned: showReturned(returned) };
    } catch (error) {
      return { error };
    }
  }

  #context(args: unknown, signal: AbortSignal, { write }: MessageStream): RunContext {
    const { log, fence, previousSuccess, isForced, onProgress } = this.#options;
    return {
      signal,
      // Copies: what the job does to them must not reach the row.
      log: copyLog(log),
      fence,
      previousSuccess,
      isForced,
      args,
      scheduledFor: log.scheduledFor && new Date(log.scheduledFor),
      now: new Date(log.startTime),
      write,
      progress: (done, total) => uncaptured(() => onProgress(done, total)),
    };
  }

  /** How the aborted job settled within its grace, or when it was killed after that; `undefined` when it did not. */
  async #settleWithin(settled: Promise<Settled>): Promise<Settled | undefined> {
    const { graceSeconds, executor } = this.#options;
    const timer = new AbortController();
    const graceEnd = delay(graceSeconds * 1000, undefined, { signal: timer.signal }).catch(() => undefined);
    const end = await Promise.race([settled, graceEnd]);
    timer.abort();
    if (end === undefined && executor.kill) {
      executor.kill();
      return settled;
    }
    return end;
  }

  #aborted(reason: unknown, end: Settled | undefined, message: MessageStream, settled: Promise<unknown>): JobRunResult {
    const { job } = this.#options;
    const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
    const why = messageOf(reason);
    const headline = reason instanceof UncaughtInJob ? `Uncaught ${this.#options.describeError(reason.cause)}` : why;
    return {
      status: reason instanceof RunCancelled ? 'cancelled' : isTimeout ? 'timed_out' : 'failed',
      message: message.text(`${headline}\n${afterAbort(end, this.#options)}`),
      error: new CronError(`Job ${job.code}: ${why}`, { cause: reason, jobCode: job.code }),
      isSettled: end !== undefined,
      settled,
    };
  }
}

function afterAbort(
  end: Settled | undefined,
  { graceSeconds, describeError }: Pick<JobRunOptions, 'graceSeconds' | 'describeError'>,
): string {
  if (end === undefined) {
    return `The job ignored its signal for ${graceSeconds} s and was given up; it may still be running, and its lock is kept until it settles or the lease ends.`;
  }
  if ('error' in end && end.error === NOT_BEGUN) {
    return 'The job was not started.';
  }
  const how = 'error' in end ? describeError(end.error) : end.returned || '(no message)';
  return `The job settled after its signal was aborted: ${how}`;
}
