import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { JobReading, TickReading } from '../claim/readTick.ts';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { hookListener } from '../events/CronHooks.ts';
import { Listeners } from '../events/Listeners.ts';
import { logListener } from '../events/logListener.ts';
import { pingListener } from '../events/pingListener.ts';
import type { JobReport, TickReport } from '../events/TickEvent.ts';
import type { RetentionLimits } from '../history/Retention.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { ALL_OFF, areAllOff, isEnabled } from '../job/enabled.ts';
import type { JobArguments } from '../job/jobArguments.ts';
import { readHolders } from '../lock/readHolders.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { decideJob, type JobDecision } from '../state/decideJob.ts';
import { whoIsThis } from '../state/whoIsThis.ts';
import type { Connections } from './Connections.ts';
import { broken, idle, locked, notDue, wouldRun } from './jobReports.ts';
import { type Candidate, JobStarts } from './JobStarts.ts';
import { nextWake, successEndsOf } from './nextWake.ts';
import type { RunOptions } from './RunOptions.ts';

/** Milliseconds that the retention may hold up the end of a tick; what is left is for the next one. */
const RETENTION_BUDGET = 2_000;

/** A forced run is asked for by a person: it serves no slot. */
const FORCED: JobDecision = { due: true, scheduledFor: null, ranAtTime: null, reason: 'forced', trigger: 'forced' };

/** The decision about a job that is off: neither its schedule nor a person can run it. */
function off(reason: string): JobDecision {
  return { due: false, scheduledFor: null, ranAtTime: null, isHeld: true, reason };
}

/** Dependencies and options of a tick. */
export interface TickOptions {
  readonly orm: MikroORM;
  readonly settings: ResolvedSettings;
  readonly connections: Connections;
  readonly run: RunOptions;
  /** Those of `run.args`, as the job's schema has accepted them. */
  readonly args: JobArguments | undefined;
  /** Deletes old rows of all jobs of the runner: a tick may be of some jobs only. */
  readonly prune: (limits: RetentionLimits) => Promise<number>;
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
  readonly #starts: JobStarts;
  /** Codes whose row in `cron_job_lock` this tick has inserted. */
  readonly #guarded = new Set<string>();
  readonly #areAllOff = areAllOff();

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
    const { connections } = options;
    this.#starts = new JobStarts({
      orm,
      settings,
      connections,
      run,
      emit: this.#listeners.emit,
      report: this.#report.bind(this),
      decide: this.#decide.bind(this),
      now: this.#now.bind(this),
    });
  }

  async run(): Promise<TickReport> {
    const startedAt = performance.now();
    const { now } = this.#reading;
    this.#listeners.emit({ type: 'tickStarted', now, jobs: this.#jobs });
    if (this.#areAllOff) {
      const message = `${ALL_OFF}, and none runs; unset it, or set it to 0, to run them`;
      this.#listeners.emit({ type: 'warning', job: null, message, error: undefined });
    }
    await (this.#options.run.dryRun ? this.#dryRun() : this.#work());
    await this.#prune();
    const report = { now, jobs: this.#reports, durationMillis: performance.now() - startedAt };
    this.#listeners.emit({ type: 'tickEnded', report });
    await this.#listeners.settle();
    return report;
  }

  /**
   * Milliseconds from now until one of its jobs is due, by the database's clock and what has become of the jobs in this tick;
   * `Infinity` when none will be.
   */
  millisUntilDue(): number {
    const { run, settings } = this.#options;
    if (run.force) {
      // Forced runs go by no schedule.
      return Infinity;
    }
    const reports = new Map(this.#reports.map(report => [report.job, report]));
    const readAt = this.#reading.now.getTime();
    const now = this.#now().getTime();
    const ends = successEndsOf(this.#reports);
    const wakes = this.#jobs.map(job => {
      const reading = this.#reading.jobs.get(job.code)!;
      const dealtWith = { job, reading, report: reports.get(job), readAt, now, ends };
      try {
        return this.#areAllOff || !isEnabled(job) ? Infinity : nextWake(dealtWith, settings.timeZone);
      } catch {
        // A function of the host's fails; its job is reported with it.
        return Infinity;
      }
    });
    return Math.min(...wakes) - now;
  }

  async #dryRun(): Promise<void> {
    const { connections, settings } = this.#options;
    const locked = this.#areAllOff ? [] : this.#jobs;
    const { holders } = await readHolders(locked, connections.locks, this.#reading.now);
    for (const job of this.#jobs) {
      const decision = this.#decideOrReport(job, this.#reading.now);
      if (decision?.due) {
        this.#listeners.emit({ type: 'jobDue', job, decision });
        this.#report(wouldRun(job, decision, holders, settings.timeZone));
      } else if (decision) {
        this.#reportNotDue(job, decision);
      }
    }
  }

  /** Keeps as many jobs running as may run at once; those that can start together are claimed together. */
  async #work(): Promise<void> {
    const { run, settings, connections } = this.#options;
    await this.#insertGuards(this.#jobs.filter(job => this.#lacksGuard(job) && this.#isCandidate(job)));
    // Where jobs share our connection, one that leaves it in disorder must be put right before the next begins.
    const most = connections.claims.isShared ? 1 : (run.concurrency ?? settings.concurrency);
    // One at a time also means that each finds the outcome of the one before, as a job that notifies does.
    const overlaps = most > 1 && !connections.session;
    const candidates = this.#candidates();
    const running = new Set<Promise<void>>();
    const unfinished = new Set<Promise<void>>();
    for (;;) {
      const batch: Candidate[] = [];
      // A database that writes no outcomes must not let ever more runs begin.
      while (running.size + batch.length < most && unfinished.size + batch.length < 2 * most) {
        const next = candidates.next();
        if (next.done) {
          break;
        }
        batch.push(next.value);
      }
      // A job may have become due since the tick began.
      await this.#insertGuards(batch.map(({ job }) => job));
      for (const started of this.#starts.start(batch)) {
        follow(overlaps ? started.settled : started.done, running);
        follow(started.done, unfinished);
      }
      if (unfinished.size === 0) {
        return;
      }
      await Promise.race(running.size < most ? unfinished : running);
      // Runs that end in the same event loop iteration make room for one claim.
      await nextTurn();
    }
  }

  /** The jobs to claim, each decided right before its claim: an earlier job may have taken long. */
  *#candidates(): Generator<Candidate> {
    const { run, connections } = this.#options;
    for (const job of this.#jobs) {
      const reading = this.#reading.jobs.get(job.code)!;
      const decision = this.#decideOrReport(job, this.#now());
      if (!decision) {
        continue;
      }
      if (decision.due) {
        this.#listeners.emit({ type: 'jobDue', job, decision });
      }
      const isLeased = !connections.locks.acquire && reading.holder !== null;
      const hasOrphans = reading.history.hasRunning && !isLeased && !run.stop?.aborted;
      if (decision.due && run.stop?.aborted) {
        this.#report({ ...idle(job), outcome: 'not_started', reason: 'the runner was stopped before the job started' });
      } else if (decision.due && isLeased && !job.allowParallelRuns) {
        this.#report(locked(job, reading.holder, this.#options.settings.timeZone));
      } else if (decision.due || hasOrphans) {
        yield { job, reading, decision };
      } else {
        this.#reportNotDue(job, decision);
      }
    }
  }

  /** A decision; `undefined` when a function of the host's, such as a calendar, has failed and that is reported. */
  #decideOrReport(job: CronJobBase, now: Date): JobDecision | undefined {
    try {
      return this.#decide(job, this.#reading.jobs.get(job.code)!, now);
    } catch (error) {
      this.#report(broken(job, error));
      return undefined;
    }
  }

  /** The reason is put into words only now, and may need another answer of a function of the host's. */
  #reportNotDue(job: CronJobBase, decision: JobDecision): void {
    let report: JobReport;
    try {
      report = notDue(job, decision);
    } catch (error) {
      report = broken(job, error);
    }
    this.#report(report);
  }

  #decide(job: CronJobBase, { history, state }: Pick<JobReading, 'history' | 'state'>, now: Date): JobDecision {
    const { run, settings, args } = this.#options;
    if (this.#areAllOff || !isEnabled(job)) {
      return off(this.#areAllOff ? ALL_OFF : 'disabled here: its enabled is false');
    }
    const given = args ? JSON.stringify(args.given) : null;
    return run.force
      ? { ...FORCED, origin: { requestedBy: whoIsThis(), requestId: null, queuedAt: null, arguments: given } }
      : decideJob({ schedule: job.schedule, history, state, now, timeZone: settings.timeZone });
  }

  /** The present instant by the database's clock: what it said, plus what this process has measured since. */
  #now(): Date {
    const { clock } = this.#options.settings;
    const { now, readAt } = this.#reading;
    return clock?.now() ?? new Date(now.getTime() + Math.floor(performance.now() - readAt));
  }

  /** Inserts the missing rows of `cron_job_lock` in one statement: a job that was never claimed has no row to lock. */
  async #insertGuards(jobs: readonly CronJobBase[]): Promise<void> {
    const codes = jobs.filter(job => this.#lacksGuard(job)).map(({ code }) => code);
    if (codes.length > 0 && !this.#options.run.stop?.aborted) {
      codes.forEach(code => this.#guarded.add(code));
      await this.#options.connections.claimer.insertGuards(codes).catch(() => undefined);
    }
  }

  #lacksGuard({ code, allowParallelRuns }: CronJobBase): boolean {
    return this.#reading.jobs.get(code)!.guard === null && !allowParallelRuns && !this.#guarded.has(code);
  }

  /** Whether a job is claimed as things stand at the beginning of the tick. */
  #isCandidate(job: CronJobBase): boolean {
    const reading = this.#reading.jobs.get(job.code)!;
    return reading.history.hasRunning || this.#isDue(job, reading, this.#now());
  }

  #isDue(job: CronJobBase, reading: JobReading, now: Date): boolean {
    try {
      return this.#decide(job, reading, now).due;
    } catch {
      // Reported when its turn comes.
      return false;
    }
  }

  #report(report: JobReport): void {
    this.#reports.push(report);
    this.#listeners.emit({ type: 'jobDone', report });
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

/** Keeps a promise in a set until it has settled. */
function follow(promise: Promise<void>, set: Set<Promise<void>>): void {
  const kept: Promise<void> = promise.finally(() => set.delete(kept));
  set.add(kept);
}
