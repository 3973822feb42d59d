import type { MikroORM } from '@mikro-orm/core';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { Audience } from '../events/Audience.ts';
import { hookListener } from '../events/CronHooks.ts';
import { logListener } from '../events/logListener.ts';
import { pingListener } from '../events/pingListener.ts';
import type { JobReport, TickReport } from '../events/TickEvent.ts';
import type { HistoryReading } from '../history/readHistory.ts';
import { Retention } from '../history/Retention.ts';
import { startDirectory } from '../host/startDirectory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { describeHolder } from '../lock/describeHolder.ts';
import { type HoldersReading, readHolders } from '../lock/readHolders.ts';
import { isDue } from '../schedule/isDue.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { ChildProcessExecutor } from './ChildProcessExecutor.ts';
import type { Executor } from './Executor.ts';
import { InProcessExecutor } from './InProcessExecutor.ts';
import { FORCED, JobTurn } from './JobTurn.ts';
import type { RunOptions } from './RunOptions.ts';

/** Milliseconds that the retention may hold up the end of a tick; what is left is for the next one. */
const RETENTION_BUDGET = 2_000;

/** One tick: decides about every job, gives the due ones their turns, deletes old rows, and tells of it all. */
export class Tick {
  readonly #orm: MikroORM;
  readonly #settings: ResolvedSettings;
  readonly #options: RunOptions;

  constructor(orm: MikroORM, settings: ResolvedSettings, options: RunOptions) {
    this.#orm = orm;
    this.#settings = settings;
    this.#options = options;
  }

  async run(jobs: readonly CronJobBase[], reading: HistoryReading): Promise<TickReport> {
    const startedAt = performance.now();
    const audience = this.#audience(jobs);
    audience.tell({ type: 'tickStarted', now: reading.now, jobs });

    // Who would keep jobs from running; a real run asks each lock itself.
    const holders = this.#options.dryRun
      ? (await readHolders(jobs, this.#orm, this.#settings, reading.now)).holders
      : undefined;
    const reports: JobReport[] = [];
    const waiting = jobs.values();
    const work = async () => {
      for (const job of waiting) {
        const report = await this.#decide(job, reading, holders, audience);
        reports.push(report);
        audience.tell({ type: 'jobDone', report });
      }
    };
    const concurrency = Math.min(this.#options.concurrency ?? this.#settings.concurrency, Math.max(jobs.length, 1));
    // A turn reports what goes wrong instead of throwing, so no worker leaves the others behind.
    await Promise.all(Array.from({ length: concurrency }, work));
    await this.#tidy(reports, audience);

    const report = { now: reading.now, jobs: reports, durationMillis: performance.now() - startedAt };
    audience.tell({ type: 'tickEnded', report });
    await audience.settle();
    return report;
  }

  #audience(jobs: readonly CronJobBase[]): Audience {
    return new Audience([
      this.#options.onEvent,
      hookListener(this.#settings),
      logListener(this.#orm, this.#settings.logErrors),
      jobs.some(({ pings }) => pings) ? pingListener : undefined,
    ]);
  }

  async #decide(
    job: CronJobBase,
    reading: HistoryReading,
    holders: HoldersReading['holders'] | undefined,
    { tell }: Audience,
  ): Promise<JobReport> {
    const { force: isForced = false, dryRun, stop, shutdown } = this.#options;
    const idle = { job, log: null, durationMillis: null, holder: null };
    const decision = isForced
      ? FORCED
      : isDue(job.schedule, reading.jobs.get(job.code)!, reading.now, this.#settings.timeZone);
    if (!decision.due) {
      return { ...idle, outcome: 'not_due', reason: decision.reason };
    }
    tell({ type: 'jobDue', job, decision });
    if (dryRun) {
      const holder = holders?.get(job.code);
      return holder
        ? { ...idle, outcome: 'locked', reason: describeHolder(holder, this.#settings.timeZone), holder }
        : { ...idle, outcome: 'would_run', reason: decision.reason };
    }
    if (stop?.aborted) {
      return { ...idle, outcome: 'not_started', reason: 'the runner was stopped before its turn' };
    }
    const turn = { orm: this.#orm, settings: this.#settings, isForced, shutdown, emit: tell };
    return new JobTurn(job, { ...turn, executor: this.#executor(job) }).take();
  }

  #executor(job: CronJobBase): Executor {
    return job.isolation === 'process'
      ? new ChildProcessExecutor(this.#options.host ?? {}, startDirectory(this.#orm))
      : new InProcessExecutor(this.#orm);
  }

  /** Deletes old rows after a tick in which something ran: only then the log has grown. */
  async #tidy(reports: readonly JobReport[], { tell }: Audience): Promise<void> {
    const { deleteLogsOlderThanDays: days, clock } = this.#settings;
    const hasGrown = reports.some(({ log }) => log !== null);
    const tidied = reports.filter(
      ({ job, outcome }) => outcome === 'succeeded' && keepsNewestOnly(job, this.#settings),
    );
    if (!hasGrown || (days === undefined && tidied.length === 0)) {
      return;
    }
    const limits = { budgetMillis: RETENTION_BUDGET, stop: this.#options.stop };
    try {
      const retention = new Retention(this.#orm, clock, runsToKeep(reports.map(({ job }) => job)));
      let rows = 0;
      for (const { job } of tidied) {
        rows += await retention.deleteSuccesses(job.code, limits);
      }
      rows += days === undefined ? 0 : await retention.deleteOlderThan(days, limits);
      if (rows > 0) {
        tell({ type: 'pruned', rows });
      }
    } catch (error) {
      const message = `old rows of the log could not be deleted: ${explainDatabaseError(error, this.#orm).message}`;
      tell({ type: 'trouble', job: null, message, error });
    }
  }
}

/** How many of each job's newest runs a notification may have to look back on. */
export function runsToKeep(jobs: readonly CronJobBase[]): number {
  return Math.max(1, ...new Set(jobs.map(({ minNumFailures }) => minNumFailures)));
}

/** Whether only the newest success of a job is kept. */
export function keepsNewestOnly(job: CronJobBase, settings: ResolvedSettings): boolean {
  return job.removeSuccessfulLogs ?? settings.removeSuccessfulLogs;
}
