import { inspect } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../history/describeError.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import type { RunEnd } from '../history/RunLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { Executor, RunContext } from './Executor.ts';
import { CronError } from '../errors.ts';

/** What a run is made of, and what may cut it short. */
export interface JobRunOptions {
  readonly job: CronJobBase;
  readonly log: CronJobLog;
  readonly previousSuccess: CronJobLog | null;
  readonly isForced: boolean;
  readonly executor: Executor;
  /** Seconds until the run is aborted; `undefined` for ever. */
  readonly timeoutSeconds: number | undefined;
  /** Seconds the job has to settle once aborted. */
  readonly graceSeconds: number;
  /** Aborted when the job's lock is lost. */
  readonly lockLost: AbortSignal | undefined;
  /** Aborted when running jobs must end because the process does. */
  readonly shutdown: AbortSignal | undefined;
  /** Hears how far the job says it is. */
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/** How a run went. */
export interface JobRunResult extends Omit<RunEnd, 'endTime'> {
  readonly error?: unknown;
  /** Whether the job has settled; one that ignored its signal for the whole grace may still be going on. */
  readonly isSettled: boolean;
}

/** Marks the job's own settling apart from the end of the grace. */
const GRACE_ENDED = Symbol('grace ended');

/**
 * Runs `do()` once: with a signal that time-out, lost lock and shutdown abort. A run that was aborted before it settled
 * is never a success, whatever it returns afterwards, since a job that heeds its signal ends early and half done.
 */
export class JobRun {
  readonly #options: JobRunOptions;
  readonly #lines: string[] = [];

  constructor(options: JobRunOptions) {
    this.#options = options;
  }

  async run(): Promise<JobRunResult> {
    using abort = new RunAbort(this.#options);
    const settled = this.#execute(abort.signal);
    await Promise.race([settled, abort.aborted]);
    if (!abort.signal.aborted) {
      return await settled;
    }
    const { graceSeconds } = this.#options;
    const patience = new AbortController();
    const graceEnd = delay(graceSeconds * 1000, GRACE_ENDED, { signal: patience.signal }).catch(() => GRACE_ENDED);
    const late = await Promise.race([settled, graceEnd]);
    patience.abort();
    return this.#aborted(abort.signal.reason, late === GRACE_ENDED ? undefined : (late as JobRunResult));
  }

  async #execute(signal: AbortSignal): Promise<JobRunResult> {
    try {
      const returned = await this.#options.executor.execute(this.#options.job, this.#context(signal));
      return { status: 'succeeded', message: this.#message(show(returned)), isSettled: true };
    } catch (error) {
      return { status: 'failed', message: this.#message(describeError(error)), error, isSettled: true };
    }
  }

  #context(signal: AbortSignal): RunContext {
    const { log, previousSuccess, isForced } = this.#options;
    return {
      signal,
      log,
      previousSuccess,
      isForced,
      scheduledFor: log.scheduledFor,
      now: log.startTime,
      write: line => {
        this.#lines.push(line);
      },
      progress: (done, total) => this.#options.onProgress(done, total),
    };
  }

  #aborted(reason: unknown, result: JobRunResult | undefined): JobRunResult {
    const { job, graceSeconds } = this.#options;
    const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
    const why = reason instanceof Error ? reason.message : String(reason);
    const tail = result
      ? `The job settled after its signal was aborted: ${result.message || '(no message)'}`
      : this.#message(
          `The job ignored its signal for ${graceSeconds} s and was given up; it may still be running, and its lock is left to run out.`,
        );
    return {
      status: isTimeout ? 'timed_out' : 'failed',
      message: `${why}\n${tail}`,
      error: new CronError(`Job ${job.code}: ${why}`, { cause: reason, jobCode: job.code }),
      isSettled: result !== undefined,
    };
  }

  /** What the job wrote, then how it ended. */
  #message(end: string): string {
    return [...this.#lines, end].filter(line => line !== '').join('\n');
  }
}

/** One signal of the three that may end a run, and their timers and listeners, which it takes away with itself. */
class RunAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  /** Resolves when the signal is aborted. */
  readonly aborted: Promise<void>;

  constructor({ timeoutSeconds, lockLost, shutdown }: JobRunOptions) {
    const { signal } = this.#controller;
    this.aborted = new Promise(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const source of [lockLost, shutdown]) {
      const abort = () => this.#controller.abort(source?.reason);
      if (source?.aborted) {
        abort();
      }
      source?.addEventListener('abort', abort, { signal: this.#ended.signal });
    }
    if (timeoutSeconds !== undefined) {
      this.#timer = setTimeout(() => {
        this.#controller.abort(new DOMException(`Timed out after ${timeoutSeconds} s`, 'TimeoutError'));
      }, timeoutSeconds * 1000);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }
}

/** What `do()` returned, as the log keeps it. */
function show(returned: unknown): string {
  if (returned === undefined || returned === null) {
    return '';
  }
  return typeof returned === 'string' ? returned : inspect(returned, { depth: 4, breakLength: 120 });
}
