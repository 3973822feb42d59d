import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { ClaimRequest, ClaimResult } from '../claim/Claim.ts';
import type { FailedClaim } from '../claim/Claimer.ts';
import { databaseLease } from '../claim/databaseLease.ts';
import type { JobReading, TickReading } from '../claim/readTick.ts';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { hookListener } from '../events/CronHooks.ts';
import { Listeners } from '../events/Listeners.ts';
import { logListener } from '../events/logListener.ts';
import { pingListener } from '../events/pingListener.ts';
import type { JobReport, TickReport } from '../events/TickEvent.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import type { RetentionLimits } from '../history/Retention.ts';
import { saveMessage } from '../history/saveMessage.ts';
import { startDirectory } from '../host/startDirectory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { describeHolder } from '../lock/describeHolder.ts';
import { Lease } from '../lock/Lease.ts';
import { leaseSecondsOf, type LockLease } from '../lock/LockProvider.ts';
import { type HoldersReading, readHolders } from '../lock/readHolders.ts';
import { type Decision, isDue } from '../schedule/isDue.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { isAlive } from '../util/isAlive.ts';
import { messageOf } from '../util/thrown.ts';
import { ChildProcessExecutor } from './ChildProcessExecutor.ts';
import type { Connections } from './Connections.ts';
import type { Executor } from './Executor.ts';
import { InProcessExecutor } from './InProcessExecutor.ts';
import { isSurelyDead } from './isSurelyDead.ts';
import { RunningJob, type RunLock } from './RunningJob.ts';
import type { RunOptions } from './RunOptions.ts';

/** Milliseconds that the retention may hold up the end of a tick; what is left is for the next one. */
const RETENTION_BUDGET = 2_000;

/** A forced run is asked for by a person: it serves no slot. */
const FORCED: Decision = { due: true, scheduledFor: null, ranAtTime: null, reason: 'forced' };

/** Dependencies and options of a tick. */
export interface TickOptions {
  readonly orm: MikroORM;
  readonly settings: ResolvedSettings;
  readonly connections: Connections;
  readonly run: RunOptions;
  /** Deletes old rows of all jobs of the runner: a tick may be of some jobs only. */
  readonly prune: (limits: RetentionLimits) => Promise<number>;
}

/** A job that this tick claims: it is due, or has rows of dead processes. */
interface Candidate {
  readonly job: CronJobBase;
  readonly reading: JobReading;
  readonly decision: Decision;
}

/**
 * One tick: decides about every job, claims and runs the due ones, closes rows that no live lease covers, deletes old
 * rows, and reports it all. Jobs that can start at the same time are claimed together.
 */
export class Tick {
  readonly #options: TickOptions;
  readonly #jobs: readonly CronJobBase[];
  readonly #reading: TickReading;
  readonly #listeners: Listeners;
  readonly #reports: JobReport[] = [];

  constructor(jobs: readonly CronJobBase[], reading: TickReading, options: TickOptions) {
    this.#jobs = jobs;
    this.#reading = reading;
    this.#options = options;
    const { orm, settings, run } = options;
    this.#listeners = new Listeners([
      run.onEvent,
      hookListener(settings),
      logListener(orm, settings.logErrors),
      jobs.some(({ pings }) => pings) ? pingListener : undefined,
    ]);
  }

  async run(): Promise<TickReport> {
    const startedAt = performance.now();
    const { now } = this.#reading;
    this.#listeners.emit({ type: 'tickStarted', now, jobs: this.#jobs });
    await (this.#options.run.dryRun ? this.#dryRun() : this.#work());
    await this.#prune();
    const report = { now, jobs: this.#reports, durationMillis: performance.now() - startedAt };
    this.#listeners.emit({ type: 'tickEnded', report });
    await this.#listeners.settle();
    return report;
  }

  async #dryRun(): Promise<void> {
    const { connections, settings } = this.#options;
    const { holders } = await readHolders(this.#jobs, connections.locks, this.#reading.now);
    for (const job of this.#jobs) {
      const decision = this.#decide(job, this.#reading.jobs.get(job.code)!.history, this.#reading.now);
      if (decision.due) {
        this.#listeners.emit({ type: 'jobDue', job, decision });
      }
      this.#report(decision.due ? wouldRun(job, decision, holders, settings.timeZone) : notDue(job, decision));
    }
  }

  /** Keeps as many jobs running as may run at once; those that can start together are claimed together. */
  async #work(): Promise<void> {
    const { run, settings, connections } = this.#options;
    await this.#insertGuards();
    // Where jobs share our connection, one that leaves it in disorder must be put right before the next begins.
    const most = connections.claims.isShared ? 1 : (run.concurrency ?? settings.concurrency);
    const candidates = this.#candidates();
    const running = new Set<Promise<void>>();
    for (;;) {
      const batch: Candidate[] = [];
      while (running.size + batch.length < most) {
        const next = candidates.next();
        if (next.done) {
          break;
        }
        batch.push(next.value);
      }
      for (const work of this.#start(batch)) {
        const done: Promise<void> = work.finally(() => running.delete(done));
        running.add(done);
      }
      if (running.size === 0) {
        return;
      }
      await Promise.race(running);
      // Runs that end in the same event loop iteration make room for one claim.
      await nextTurn();
    }
  }

  /** The jobs to claim, each decided right before its claim: an earlier job may have taken long. */
  *#candidates(): Generator<Candidate> {
    const { run, connections } = this.#options;
    for (const job of this.#jobs) {
      const reading = this.#reading.jobs.get(job.code)!;
      const decision = this.#decide(job, reading.history, this.#now());
      if (decision.due) {
        this.#listeners.emit({ type: 'jobDue', job, decision });
      }
      const isLeased = !connections.locks.acquire && reading.holder !== null;
      const hasOrphans = reading.history.hasRunning && !isLeased && !run.stop?.aborted;
      if (decision.due && run.stop?.aborted) {
        this.#report({ ...idle(job), outcome: 'not_started', reason: 'the runner was stopped before the job started' });
      } else if (decision.due && isLeased && !job.allowParallelRuns) {
        this.#report(this.#locked(job, reading.holder));
      } else if (decision.due || hasOrphans) {
        yield { job, reading, decision };
      } else {
        this.#report(notDue(job, decision));
      }
    }
  }

  /** Starts a batch: those with locks in the database together, each other one by itself. */
  #start(batch: readonly Candidate[]): Promise<void>[] {
    const { locks, claimer } = this.#options.connections;
    const inDatabase = batch.filter(({ job }) => !job.allowParallelRuns && !locks.acquire);
    const requests = inDatabase.map(candidate => this.#request(candidate, false));
    const askedAt = performance.now();
    const claims = requests.length > 0 ? claimer.claim(requests) : Promise.resolve(new Map<string, never>());
    return batch.map(async candidate => {
      const { job } = candidate;
      try {
        if (job.allowParallelRuns) {
          await this.#takeParallel(candidate);
        } else if (locks.acquire) {
          await this.#takeElsewhere(candidate, locks.acquire.bind(locks));
        } else {
          const claim = (await claims).get(job.code)!;
          await this.#runClaimed(candidate, claim, result => {
            const { orm, settings, connections } = this.#options;
            const options = { leaseSeconds: leaseSecondsOf(job, settings), clock: settings.clock };
            const lease = databaseLease(orm, connections.closes, result, options);
            return { lease: new Lease(lease, options.leaseSeconds, job.code, askedAt), isInDatabase: true };
          });
        }
      } catch (error) {
        this.#report(broken(job, error));
      }
    });
  }

  async #takeParallel(candidate: Candidate): Promise<void> {
    const { connections, settings } = this.#options;
    const { job } = candidate;
    const timeoutSeconds = job.timeoutSeconds ?? settings.timeoutSeconds ?? Infinity;
    const longest = (timeoutSeconds + settings.shutdownGraceSeconds + leaseSecondsOf(job, settings)) * 1_000;
    const uptimeMillis = settings.clock ? undefined : process.uptime() * 1_000;
    const self = { host: hostname(), pid: process.pid, uptimeMillis, isAlive };
    const isDead = (log: CronJobLog, now: Date) => isSurelyDead(log, now, longest, self);
    const claim = await connections.claimer.startParallel(job, this.#decider(job), isDead);
    await this.#runClaimed(candidate, claim, () => undefined);
  }

  /** The guard was read before the lock is taken, so that a holder in between shows. */
  async #takeElsewhere(candidate: Candidate, acquire: (job: CronJobBase) => Promise<LockLease | null>): Promise<void> {
    const { connections, settings } = this.#options;
    const { job, decision } = candidate;
    const askedAt = performance.now();
    const lock = await acquire(job);
    if (!lock) {
      const holder = decision.due ? (await connections.locks.holders([job], this.#now())).get(job.code) : null;
      this.#report(decision.due ? this.#locked(job, holder ?? null) : notDue(job, decision));
      return;
    }
    const lease = new Lease(lock, leaseSecondsOf(job, settings), job.code, askedAt);
    const request = this.#request(candidate, true);
    let isRunning = false;
    try {
      const claim = (await connections.claimer.claim([request])).get(job.code)!;
      isRunning = claim.kind === 'claimed';
      await this.#runClaimed(candidate, claim, () => ({ lease, isInDatabase: false }));
    } finally {
      if (!isRunning) {
        await lease.release().catch(() => undefined);
      }
    }
  }

  async #runClaimed(
    { job, decision: before }: Candidate,
    claim: ClaimResult | FailedClaim,
    lockOf: (claim: Extract<ClaimResult, { kind: 'claimed' }>) => RunLock | undefined,
  ): Promise<void> {
    const { orm, settings, connections, run } = this.#options;
    const { emit } = this.#listeners;
    if (claim.kind === 'broken') {
      this.#report(broken(job, claim.error));
      return;
    }
    if (claim.kind === 'locked') {
      const holder = claim.holder ?? (await this.#holderOf(job));
      this.#report(before.due ? this.#locked(job, holder) : notDue(job, before));
      return;
    }
    if (claim.abandoned.length > 0) {
      emit({ type: 'abandoned', job, logs: claim.abandoned });
    }
    if (claim.kind === 'not_due') {
      const { reason } = claim.decision;
      this.#report({
        ...idle(job),
        outcome: 'not_due',
        reason: before.due ? `already run by another process; ${reason}` : reason,
      });
      return;
    }
    await connections.session?.save();
    const running = new RunningJob(job, claim, lockOf(claim), {
      settings,
      executor: this.#executor(job),
      closes: connections.closer,
      saveMessage: async (log, text) => connections.closes.run(async em => saveMessage(em, orm, log, text)),
      restoreSession: connections.session?.restore,
      isForced: run.force ?? false,
      shutdown: run.shutdown,
      emit,
    });
    this.#report(await running.run());
  }

  #request({ job, reading, decision }: Candidate, isLockedElsewhere: boolean): ClaimRequest {
    const leaseSeconds = leaseSecondsOf(job, this.#options.settings);
    const decide = this.#decider(job);
    return { job, token: randomUUID(), leaseSeconds, reading, decision, isLockedElsewhere, decide };
  }

  #decider(job: CronJobBase): ClaimRequest['decide'] {
    return (history, now) => this.#decide(job, history, now);
  }

  #decide(job: CronJobBase, history: JobReading['history'], now: Date): Decision {
    const { run, settings } = this.#options;
    return run.force ? FORCED : isDue(job.schedule, history, now, settings.timeZone);
  }

  /** The present instant by the database's clock: what it said, plus what this process has measured since. */
  #now(): Date {
    const { clock } = this.#options.settings;
    const { now, readAt } = this.#reading;
    return clock?.now() ?? new Date(now.getTime() + Math.floor(performance.now() - readAt));
  }

  /** Inserts the missing rows of `cron_job_lock` in one statement: a job that was never claimed has no row to lock. */
  async #insertGuards(): Promise<void> {
    const now = this.#now();
    const missing = this.#jobs.filter(job => {
      const { guard, history } = this.#reading.jobs.get(job.code)!;
      return guard === null && !job.allowParallelRuns && (history.hasRunning || this.#decide(job, history, now).due);
    });
    if (missing.length > 0 && !this.#options.run.stop?.aborted) {
      await this.#options.connections.claimer.insertGuards(missing.map(({ code }) => code)).catch(() => undefined);
    }
  }

  #locked(job: CronJobBase, holder: JobReport['holder']): JobReport {
    const reason = describeHolder(holder, this.#options.settings.timeZone);
    return { ...idle(job), outcome: 'locked', reason, holder };
  }

  async #holderOf(job: CronJobBase): Promise<JobReport['holder']> {
    const { connections } = this.#options;
    try {
      return (await connections.claimer.read([job.code])).jobs.get(job.code)?.holder ?? null;
    } catch {
      // That it is locked is known; by whom is a courtesy.
      return null;
    }
  }

  #report(report: JobReport): void {
    this.#reports.push(report);
    this.#listeners.emit({ type: 'jobDone', report });
  }

  #executor(job: CronJobBase): Executor {
    return job.isolation === 'process'
      ? new ChildProcessExecutor(this.#options.run.host ?? {}, startDirectory(this.#options.orm))
      : new InProcessExecutor(this.#options.orm);
  }

  /** Deletes old rows after a tick in which something ran: only then the log has grown. */
  async #prune(): Promise<void> {
    if (!this.#reports.some(({ log }) => log !== null)) {
      return;
    }
    const { orm, run, prune } = this.#options;
    try {
      const rows = await prune({ budgetMillis: RETENTION_BUDGET, stop: run.stop });
      if (rows > 0) {
        this.#listeners.emit({ type: 'pruned', rows });
      }
    } catch (error) {
      const message = `old rows of the log could not be deleted: ${explainDatabaseError(error, orm).message}`;
      this.#listeners.emit({ type: 'warning', job: null, message, error });
    }
  }
}

function idle(job: CronJobBase): Pick<JobReport, 'job' | 'log' | 'durationMillis' | 'holder'> {
  return { job, log: null, durationMillis: null, holder: null };
}

function notDue(job: CronJobBase, { reason }: Decision): JobReport {
  return { ...idle(job), outcome: 'not_due', reason };
}

function broken(job: CronJobBase, error: unknown): JobReport {
  return { ...idle(job), outcome: 'broken', reason: `could not be run: ${messageOf(error)}`, error };
}

function wouldRun(
  job: CronJobBase,
  { reason }: Decision,
  holders: HoldersReading['holders'],
  timeZone: string,
): JobReport {
  const holder = holders.get(job.code);
  return holder
    ? { ...idle(job), outcome: 'locked', reason: describeHolder(holder, timeZone), holder }
    : { ...idle(job), outcome: 'would_run', reason };
}
