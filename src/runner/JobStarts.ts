import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { MikroORM } from '@mikro-orm/core';
import type { ClaimRequest, ClaimResult } from '../claim/Claim.ts';
import type { FailedClaim } from '../claim/Claimer.ts';
import { databaseLease } from '../claim/databaseLease.ts';
import type { JobReading } from '../claim/readTick.ts';
import type { JobReport, TickEvent } from '../events/TickEvent.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { saveMessage } from '../history/saveMessage.ts';
import { startDirectory } from '../host/startDirectory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { Lease } from '../lock/Lease.ts';
import { leaseSecondsOf, type LockLease } from '../lock/LockProvider.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import type { JobDecision } from '../state/decideJob.ts';
import { isAlive } from '../util/isAlive.ts';
import { ChildProcessExecutor } from './ChildProcessExecutor.ts';
import type { Connections } from './Connections.ts';
import type { Executor } from './Executor.ts';
import { InProcessExecutor } from './InProcessExecutor.ts';
import { isSurelyDead } from './isSurelyDead.ts';
import { broken, idle, locked, notDue } from './jobReports.ts';
import { RunningJob, type RunLock } from './RunningJob.ts';
import type { RunOptions } from './RunOptions.ts';

/** A job that this tick claims: it is due, or has rows of dead processes. */
export interface Candidate {
  readonly job: CronJobBase;
  readonly reading: JobReading;
  readonly decision: JobDecision;
}

/** A candidate being started. */
interface Starting extends Candidate {
  readonly onSettled: () => void;
}

/** A started job. Neither promise rejects. */
export interface Started {
  /** Resolves when the job has settled, or did not start: another one can begin, while the outcome is written. */
  readonly settled: Promise<void>;
  /** Resolves when all is done: the outcome is written, and the job reported. */
  readonly done: Promise<void>;
}

/** The tick, as its starts see it. */
export interface StartingTick {
  readonly orm: MikroORM;
  readonly settings: ResolvedSettings;
  readonly connections: Connections;
  readonly run: RunOptions;
  readonly emit: (event: TickEvent) => void;
  readonly report: (report: JobReport) => void;
  /** Decides again, under the claim. */
  readonly decide: (job: CronJobBase, reading: Pick<JobReading, 'history' | 'state'>, now: Date) => JobDecision;
  /** The present instant by the database's clock. */
  readonly now: () => Date;
}

/** Claims the jobs of a tick, runs those that it got, and reports each. */
export class JobStarts {
  readonly #tick: StartingTick;

  constructor(tick: StartingTick) {
    this.#tick = tick;
  }

  /** Starts a batch: jobs with locks in the database together, each other one by itself. */
  start(batch: readonly Candidate[]): Started[] {
    const { locks, claimer } = this.#tick.connections;
    const inDatabase = batch.filter(({ job }) => !job.allowParallelRuns && !locks.acquire);
    const requests = inDatabase.map(candidate => this.#request(candidate, false));
    const askedAt = performance.now();
    const claims = requests.length > 0 ? claimer.claim(requests) : Promise.resolve(new Map<string, never>());
    return batch.map(given => {
      const { promise: settled, resolve } = Promise.withResolvers<void>();
      const candidate: Starting = { ...given, onSettled: resolve };
      return { settled, done: this.#start(candidate, claims, askedAt).finally(resolve) };
    });
  }

  async #start(candidate: Starting, claims: Promise<Map<string, ClaimResult | FailedClaim>>, askedAt: number) {
    const { job } = candidate;
    const { locks } = this.#tick.connections;
    try {
      if (job.allowParallelRuns) {
        await this.#takeParallel(candidate);
      } else if (locks.acquire) {
        await this.#takeElsewhere(candidate, locks.acquire.bind(locks));
      } else {
        const claim = (await claims).get(job.code)!;
        await this.#runClaimed(candidate, claim, result => {
          const { settings, connections } = this.#tick;
          const options = { leaseSeconds: leaseSecondsOf(job, settings), clock: settings.clock };
          const lease = databaseLease(connections.closes, result, options);
          return { lease: new Lease(lease, options.leaseSeconds, job.code, askedAt), isInDatabase: true };
        });
      }
    } catch (error) {
      this.#tick.report(broken(job, error));
    }
  }

  async #takeParallel(candidate: Starting): Promise<void> {
    const { connections, settings } = this.#tick;
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
  async #takeElsewhere(candidate: Starting, acquire: (job: CronJobBase) => Promise<LockLease | null>): Promise<void> {
    const { connections, settings } = this.#tick;
    const { job, decision } = candidate;
    const askedAt = performance.now();
    const lock = await acquire(job);
    if (!lock) {
      const holder = decision.due ? (await connections.locks.holders([job], this.#tick.now())).get(job.code) : null;
      this.#tick.report(decision.due ? this.#locked(job, holder ?? null) : notDue(job, decision));
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
    { job, decision: before, onSettled }: Starting,
    claim: ClaimResult | FailedClaim,
    lockOf: (claim: Extract<ClaimResult, { kind: 'claimed' }>) => RunLock | undefined,
  ): Promise<void> {
    const { settings, connections, run, emit } = this.#tick;
    if (claim.kind === 'broken') {
      this.#tick.report(broken(job, claim.error));
      return;
    }
    if (claim.kind === 'locked') {
      const holder = claim.holder ?? (await this.#holderOf(job));
      this.#tick.report(before.due ? this.#locked(job, holder) : notDue(job, before));
      return;
    }
    if (claim.abandoned.length > 0) {
      emit({ type: 'abandoned', job, logs: claim.abandoned });
    }
    if (claim.kind === 'not_due') {
      const { reason, isHeld } = claim.decision;
      this.#tick.report({
        ...idle(job),
        outcome: 'not_due',
        reason: before.due && !isHeld ? `already run by another process; ${reason}` : reason,
      });
      return;
    }
    await connections.session?.save();
    const running = new RunningJob(job, claim, lockOf(claim), {
      settings,
      executor: this.#executor(job),
      closes: connections.closer,
      saveMessage: async (log, text) => connections.closes.run(async em => saveMessage(em, log, text)),
      restoreSession: connections.session?.restore,
      isForced: run.force ?? false,
      cancels: connections.cancels,
      shutdown: run.shutdown,
      emit,
      onSettled,
    });
    this.#tick.report(await running.run());
  }

  #request({ job, reading, decision }: Candidate, isLockedElsewhere: boolean): ClaimRequest {
    const leaseSeconds = leaseSecondsOf(job, this.#tick.settings);
    const decide = this.#decider(job);
    return { job, token: randomUUID(), leaseSeconds, reading, decision, isLockedElsewhere, decide };
  }

  #decider(job: CronJobBase): ClaimRequest['decide'] {
    return (reading, now) => this.#tick.decide(job, reading, now);
  }

  #locked(job: CronJobBase, holder: JobReport['holder']): JobReport {
    return locked(job, holder, this.#tick.settings.timeZone);
  }

  async #holderOf(job: CronJobBase): Promise<JobReport['holder']> {
    const { connections } = this.#tick;
    try {
      return (await connections.claimer.read([job])).jobs.get(job.code)?.holder ?? null;
    } catch {
      // That it is locked is known; by whom is a courtesy.
      return null;
    }
  }

  #executor(job: CronJobBase): Executor {
    return job.isolation === 'process'
      ? new ChildProcessExecutor(this.#tick.run.host ?? {}, startDirectory(this.#tick.orm))
      : new InProcessExecutor(this.#tick.orm);
  }
}
