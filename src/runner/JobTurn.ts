import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { ownEm } from '../database/ourTables.ts';
import { CronError } from '../errors.ts';
import type { JobReport, TickEvent } from '../events/TickEvent.ts';
import { copyLog, type CronJobLog } from '../history/CronJobLog.ts';
import { type JobHistory, readHistory } from '../history/readHistory.ts';
import { RunLog } from '../history/RunLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { describeHolder } from '../lock/describeHolder.ts';
import type { JobLock } from '../lock/JobLock.ts';
import { Lease } from '../lock/Lease.ts';
import { lockOf } from '../lock/LockFactory.ts';
import { type Decision, isDue } from '../schedule/isDue.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { isAlive } from '../util/isAlive.ts';
import { messageOf } from '../util/thrown.ts';
import { settleWithin } from '../util/waiting.ts';
import type { Executor } from './Executor.ts';
import { JobRun, type JobRunResult } from './JobRun.ts';

/** What a turn stands on. */
export interface TurnOptions {
  readonly orm: MikroORM;
  readonly settings: ResolvedSettings;
  readonly executor: Executor;
  readonly isForced: boolean;
  /** Aborted when running jobs must end because the process does. */
  readonly shutdown: AbortSignal | undefined;
  readonly emit: (event: TickEvent) => void;
}

/** A forced run is asked for by a person: it serves no slot. */
export const FORCED: Decision = { due: true, scheduledFor: null, ranAtTime: null, reason: 'forced' };

/**
 * One due job's turn: lock, decide again under the lock, row "running", `do()`, outcome, unlock. Whatever goes wrong is
 * in the report; nothing is thrown, so one job never stops the others.
 */
export class JobTurn {
  readonly #job: CronJobBase;
  readonly #options: TurnOptions;
  readonly #em: EntityManager;
  readonly #runLog: RunLog;

  constructor(job: CronJobBase, options: TurnOptions) {
    this.#job = job;
    this.#options = options;
    this.#em = ownEm(options.orm);
    this.#runLog = new RunLog(this.#em);
  }

  async take(): Promise<JobReport> {
    try {
      if (this.#job.allowParallelRuns) {
        return await this.#decideAndRun(undefined);
      }
      return await this.#takeLocked();
    } catch (error) {
      return this.#report('broken', `could not be run: ${messageOf(error)}`, { error });
    }
  }

  async #takeLocked(): Promise<JobReport> {
    const leaseSeconds = this.#leaseSeconds;
    const { orm, settings } = this.#options;
    const lock = lockOf(this.#job, orm, settings);
    const lease = await Lease.take(lock, leaseSeconds, this.#job.code);
    if (lease === null) {
      return this.#locked(lock);
    }
    let report: JobReport;
    try {
      report = await this.#decideAndRun(lease);
    } catch (error) {
      // What went wrong must not hide behind a release that fails for the same reason.
      await lease.release().catch(() => undefined);
      throw error;
    }
    // After a run that would not settle the lease has been abandoned, and this does nothing.
    await lease.release().catch((error: unknown) => {
      const message = `its lock could not be released and ends by itself in ${leaseSeconds} s: ${messageOf(error)}`;
      this.#options.emit({ type: 'trouble', job: this.#job, message, error });
    });
    return report;
  }

  async #locked(lock: JobLock): Promise<JobReport> {
    const holder = (await lock.holder?.()) ?? null;
    return this.#report('locked', describeHolder(holder, this.#options.settings.timeZone), { holder });
  }

  async #decideAndRun(lease: Lease | undefined): Promise<JobReport> {
    const { orm, settings, isForced, emit } = this.#options;
    const job = this.#job;
    const reading = await readHistory(this.#em, orm, [job.code], { clock: settings.clock, withPreviousSuccess: true });
    const history = reading.jobs.get(job.code)!;
    const decision = isForced ? FORCED : isDue(job.schedule, history, reading.now, settings.timeZone);
    if (!decision.due) {
      return this.#report('not_due', `already run by another process; ${decision.reason}`);
    }
    // A process that was stopped since it took the lock must not close the row of whoever holds it now.
    await lease?.confirm();
    if (lease?.signal.aborted) {
      return this.#report('locked', `${messageOf(lease.signal.reason)} before it had begun`);
    }
    if (history.hasRunning) {
      const logs = await this.#runLog.abandonOrphans(job.code, reading.now, lease ? undefined : this.#isSurelyDead);
      if (logs.length > 0) {
        emit({ type: 'abandoned', job, logs });
      }
    }
    const { scheduledFor, ranAtTime } = decision;
    const log = await this.#runLog.start({ code: job.code, startTime: reading.now, scheduledFor, ranAtTime });
    await lease?.confirm();
    return this.#run(log, decision, history, lease);
  }

  async #run(log: CronJobLog, decision: Decision, history: JobHistory, lease?: Lease): Promise<JobReport> {
    const { settings, isForced, executor, shutdown, emit } = this.#options;
    const job = this.#job;
    const startedAt = performance.now();
    // For the ears of others, who may do to it what they like.
    const shown = copyLog(log);
    emit({ type: 'jobStarted', job, log: shown, reason: decision.reason });
    lease?.signal.addEventListener('abort', () =>
      emit({ type: 'lockLost', job, log: shown, error: lease.signal.reason }),
    );
    const settled = await new JobRun({
      job,
      log,
      previousSuccess: history.previousSuccess,
      isForced,
      executor,
      timeoutSeconds: job.timeoutSeconds ?? settings.timeoutSeconds,
      graceSeconds: settings.shutdownGraceSeconds,
      lockLost: lease?.signal,
      shutdown,
      captureConsole: job.captureConsole ?? settings.captureConsole,
      describeError: settings.describeError,
      saveMessage: async text => this.#runLog.saveMessage(log, text),
      onProgress: (done, total) => emit({ type: 'progress', job, log: shown, done, total }),
    }).run();
    const result = settled.status === 'succeeded' && lease ? await confirm(settled, lease) : settled;
    const durationMillis = performance.now() - startedAt;
    if (!result.isSettled) {
      await lease?.abandonUntil(result.settled).catch(() => undefined);
    }
    // The database's start plus what this process measured: no host's wall clock comes into it.
    const endTime = settings.clock?.now() ?? new Date(log.startTime.getTime() + Math.round(durationMillis));
    return this.#close(log, result, { endTime, durationMillis, reason: decision.reason });
  }

  async #close(
    log: CronJobLog,
    result: JobRunResult,
    { endTime, durationMillis, reason }: { endTime: Date; durationMillis: number; reason: string },
  ): Promise<JobReport> {
    const { status, message, error } = result;
    const rest = { log: copyLog(log), durationMillis, ...('error' in result ? { error } : {}) };
    let closed: CronJobLog | null;
    try {
      closed = await this.#writeWithin(this.#leaseSeconds, () => this.#runLog.end(log, { status, message, endTime }));
    } catch (cause) {
      const text = `its outcome (${status}) could not be written: ${messageOf(cause)}; its message: ${message}`;
      return this.#report('broken', text, { ...rest, error: cause });
    }
    if (!closed) {
      const text = `its lock was lost and its row closed by the next holder, so its own outcome (${status}) was not written`;
      return this.#report('failed', text, { ...rest, error: error ?? new CronError(`Job ${log.code}: ${text}`) });
    }
    return this.#report(status, reason, { ...rest, log: closed });
  }

  /**
   * Tries again with backoff while the lease lasts: a database that restarts must not cost an outcome. A write that never
   * settles, since the job has left its only connection busy, is not waited for any longer either.
   */
  async #writeWithin(seconds: number, write: () => Promise<CronJobLog | null>): Promise<CronJobLog | null> {
    const deadline = performance.now() + seconds * 1000;
    for (let wait = 100; ; wait = Math.min(wait * 2, 5_000)) {
      try {
        return await settleWithin(deadline - performance.now(), write(), tooLate);
      } catch (error) {
        if (performance.now() + wait >= deadline) {
          throw error;
        }
        await delay(wait);
      }
    }
  }

  get #leaseSeconds(): number {
    return this.#job.lockTimeSeconds ?? this.#options.settings.lockTimeSeconds;
  }

  /**
   * Whether a run of a job that may run beside itself, and so holds no lock, cannot be going on any more: its process on
   * this machine is gone, or it is long past its time-out.
   */
  readonly #isSurelyDead = (run: CronJobLog, now: Date): boolean => {
    const { settings } = this.#options;
    const timeoutSeconds = this.#job.timeoutSeconds ?? settings.timeoutSeconds ?? Infinity;
    const longest = timeoutSeconds + settings.shutdownGraceSeconds + this.#leaseSeconds;
    return now.getTime() - run.startTime.getTime() > longest * 1000 || (run.host === hostname() && !isAlive(run.pid));
  };

  #report(outcome: JobReport['outcome'], reason: string, rest: Partial<JobReport> = {}): JobReport {
    return { job: this.#job, outcome, reason, log: null, durationMillis: null, holder: null, ...rest };
  }
}

/**
 * A success, if the lock is still ours: a job that kept the event loop busy for longer than the lease has not heard
 * that somebody else took over.
 */
async function confirm(result: JobRunResult, lease: Lease): Promise<JobRunResult> {
  await lease.confirm();
  if (!lease.signal.aborted) {
    return result;
  }
  const error: unknown = lease.signal.reason;
  return {
    ...result,
    status: 'failed',
    message: `${messageOf(error)}\nThe job had settled without hearing of it: ${result.message || '(no message)'}`,
    error,
  };
}

function tooLate(): CronError {
  return new CronError('the database did not answer until the lease ended');
}
