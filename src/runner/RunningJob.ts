import type { ClaimedRun } from '../claim/Claim.ts';
import type { Closed } from '../claim/closeRuns.ts';
import type { Closes } from '../claim/Closes.ts';
import { CronError } from '../errors.ts';
import type { JobReport, TickEvent } from '../events/TickEvent.ts';
import { copyLog, type CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { Lease } from '../lock/Lease.ts';
import { leaseSecondsOf } from '../lock/LockProvider.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { messageOf } from '../util/thrown.ts';
import type { CancelWatch } from './CancelWatch.ts';
import type { Executor } from './Executor.ts';
import { JobRun, type JobRunResult } from './JobRun.ts';

/** Dependencies and options of a claimed run. */
export interface RunningJobOptions {
  readonly settings: ResolvedSettings;
  readonly executor: Executor;
  readonly closes: Closes;
  /** Writes the message of a row that stands as running. */
  readonly saveMessage: (log: CronJobLog, text: string) => Promise<void>;
  /** Puts right what the job has left behind on a connection that it shares with us. */
  readonly restoreSession: (() => Promise<void>) | undefined;
  readonly isForced: boolean;
  readonly cancels: CancelWatch;
  /** Aborted when running jobs must end because the process does. */
  readonly shutdown: AbortSignal | undefined;
  readonly emit: (event: TickEvent) => void;
  /** Called once the job has settled, before its outcome is written: another one can begin. */
  readonly onSettled?: () => void;
}

/** The lock of a run: `undefined` for a job whose runs may overlap. */
export interface RunLock {
  readonly lease: Lease;
  /** Whether the close of the run gives the lock back; otherwise its backend does, afterwards. */
  readonly isInDatabase: boolean;
}

/**
 * A claimed run, from `do()` to its close. Whatever goes wrong is in the report; nothing is thrown, so one job never
 * stops the others.
 */
export class RunningJob {
  readonly #job: CronJobBase;
  readonly #claim: ClaimedRun;
  readonly #lock: RunLock | undefined;
  readonly #options: RunningJobOptions;

  constructor(job: CronJobBase, claim: ClaimedRun, lock: RunLock | undefined, options: RunningJobOptions) {
    this.#job = job;
    this.#claim = claim;
    this.#lock = lock;
    this.#options = options;
  }

  async run(): Promise<JobReport> {
    const { settings, emit, restoreSession } = this.#options;
    const { log, decision } = this.#claim;
    const [job, lease] = [this.#job, this.#lock?.lease];
    const startedAt = performance.now();
    // A copy for listeners, who may do to it what they like.
    const shown = copyLog(log);
    emit({ type: 'jobStarted', job, log: shown, reason: decision.reason });
    const onLost = () => emit({ type: 'lockLost', job, log: shown, error: lease!.signal.reason });
    lease?.signal.addEventListener('abort', onLost);
    await lease?.confirm();
    const settled = await this.#execute(shown);
    await restoreSession?.().catch((error: unknown) => {
      const message = `the database session could not be reset after the job: ${messageOf(error)}`;
      emit({ type: 'warning', job, message, error });
    });
    const result = settled.status === 'succeeded' && lease ? await failIfLost(settled, lease) : settled;
    lease?.signal.removeEventListener('abort', onLost);
    if (result.isSettled) {
      this.#options.onSettled?.();
    }
    const durationMillis = performance.now() - startedAt;
    // The database's start plus what this process measured: no host's wall clock comes into it.
    const endTime = settings.clock?.now() ?? new Date(log.startTime.getTime() + Math.round(durationMillis));
    return this.#close(result, { endTime, durationMillis });
  }

  async #execute(shown: CronJobLog): Promise<JobRunResult> {
    const { settings, isForced, executor, cancels, shutdown, emit, saveMessage } = this.#options;
    const { log, previousSuccess, fence } = this.#claim;
    const job = this.#job;
    using cancellable = cancels.watch(log, leaseSecondsOf(job, settings));
    return await new JobRun({
      job,
      log,
      fence: this.#lock ? fence : null,
      previousSuccess,
      isForced,
      executor,
      timeoutSeconds: job.timeoutSeconds ?? settings.timeoutSeconds,
      graceSeconds: settings.shutdownGraceSeconds,
      lockLost: this.#lock?.lease.signal,
      cancelled: cancellable.signal,
      shutdown,
      captureConsole: job.captureConsole ?? settings.captureConsole,
      describeError: settings.describeError,
      saveMessage: async text => saveMessage(log, text),
      onProgress: (done, total) => emit({ type: 'progress', job, log: shown, done, total }),
    }).run();
  }

  async #close(
    result: JobRunResult,
    { endTime, durationMillis }: { endTime: Date; durationMillis: number },
  ): Promise<JobReport> {
    const { log, token, fence, decision } = this.#claim;
    const { status, message, error } = result;
    const rest = { log: copyLog(log), durationMillis, ...('error' in result ? { error } : {}) };
    // Ended first: a renewal that lands after the close would prolong a lock that is free.
    await this.#lock?.lease.stop().catch(() => undefined);
    const claim = this.#lock ? { token, fence } : null;
    const request = { id: log.id, code: log.code, claim, status, endTime, message, unlock: result.isSettled };
    let closed: Closed;
    try {
      closed = await this.#options.closes.close(request, leaseSecondsOf(this.#job, this.#options.settings));
    } catch (cause) {
      await this.#release(result);
      const text = `its outcome (${status}) could not be written: ${messageOf(cause)}; its message: ${message}`;
      return this.#report('broken', text, { ...rest, error: cause });
    }
    await this.#release(result);
    if (!closed.isWritten) {
      const text = `its lock was lost, so its own outcome (${status}) was not written; the next holder closes its row`;
      return this.#report('failed', text, { ...rest, error: error ?? new CronError(`Job ${log.code}: ${text}`) });
    }
    return this.#report(status, decision.reason, { ...rest, log: copyLog(log, { status, message, endTime }) });
  }

  /** Gives back what the close does not: another backend's lock, and that of a job that would not settle. */
  async #release({ isSettled, settled }: JobRunResult): Promise<void> {
    if (!this.#lock) {
      return;
    }
    const { lease, isInDatabase } = this.#lock;
    if (!isSettled) {
      // It may still be going on: its lock is left to run out, or given back once the job has settled after all.
      void settled.then(async () => lease.release()).catch(() => undefined);
      return;
    }
    if (!isInDatabase) {
      await lease.release().catch((error: unknown) => {
        const seconds = leaseSecondsOf(this.#job, this.#options.settings);
        const message = `its lock could not be released and ends by itself in ${seconds} s: ${messageOf(error)}`;
        this.#options.emit({ type: 'warning', job: this.#job, message, error });
      });
    }
  }

  #report(outcome: JobReport['outcome'], reason: string, rest: Partial<JobReport> = {}): JobReport {
    return { job: this.#job, outcome, reason, log: null, durationMillis: null, holder: null, ...rest };
  }
}

/**
 * A success, if the lock is still ours: a job that kept the event loop busy for longer than the lease has not heard
 * that somebody else took over.
 */
async function failIfLost(result: JobRunResult, lease: Lease): Promise<JobRunResult> {
  await lease.confirm();
  if (!lease.signal.aborted) {
    return result;
  }
  const error: unknown = lease.signal.reason;
  return {
    ...result,
    status: 'failed',
    message: `${messageOf(error)}\nThe job settled without noticing that: ${result.message || '(no message)'}`,
    error,
  };
}
