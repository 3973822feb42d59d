import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { Duration } from 'luxon';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { type HistoryOptions, type HistoryReading, readHistory } from '../history/readHistory.ts';
import { attachDesk, type CronJobBase, type JobDesk } from '../job/CronJobBase.ts';
import { loadJobs } from '../job/loadJobs.ts';
import { selectJobs } from '../job/selectJobs.ts';
import { isDue } from '../schedule/isDue.ts';
import type { ResolvedSettings } from '../settings.ts';
import { InProcessExecutor } from './InProcessExecutor.ts';
import { JobTurn } from './JobTurn.ts';
import type { JobReport, TickEvent, TickListener, TickReport } from './TickEvent.ts';

/** What one tick shall do. */
export interface RunOptions {
  /** Class names or codes of the jobs to look at. @default all */
  readonly jobs?: readonly string[];
  /** Run them whether due or not; a held lock still keeps a job from running. @default false */
  readonly force?: boolean;
  /** Decide, report, and write nothing at all. @default false */
  readonly dryRun?: boolean;
  /** How many jobs run at once. @default the setting `concurrency` */
  readonly concurrency?: number;
  /** Hears of everything as it happens. */
  readonly onEvent?: TickListener;
  /** Once aborted, no further job starts. */
  readonly stop?: AbortSignal;
  /** Once aborted, the signals of running jobs are aborted with its reason. */
  readonly shutdown?: AbortSignal;
}

/** Runs a host's jobs: one tick at a time, in the host's process, with the host's MikroORM. Got by `getCronRunner(orm)`. */
export class CronRunner implements JobDesk {
  /** The settings given to `cron()`, with their defaults. */
  readonly settings: ResolvedSettings;
  readonly #orm: MikroORM;
  #jobs: Promise<readonly CronJobBase[]> | undefined;

  /** @internal */
  constructor(orm: MikroORM, settings: ResolvedSettings) {
    this.#orm = orm;
    this.settings = settings;
  }

  /**
   * The host's jobs, in the order of `jobs`; loaded when first asked for.
   *
   * @throws CronJobError when a job cannot be loaded or is not allowed.
   */
  async jobs(): Promise<readonly CronJobBase[]> {
    // A failed load is not kept, so that it can be mended without a restart.
    this.#jobs ??= this.#load().catch((error: unknown) => {
      this.#jobs = undefined;
      throw error;
    });
    return this.#jobs;
  }

  /**
   * Makes one tick: reads the history of all jobs, decides, and runs what is due.
   *
   * @throws CronJobError when a job cannot be loaded or a name is unknown, and CronError when the database cannot be
   * reached or its tables are missing; then nothing ran. A job that fails is no error of the tick but in the report.
   */
  async run(options: RunOptions = {}): Promise<TickReport> {
    const startedAt = performance.now();
    const jobs = selectJobs(await this.jobs(), options.jobs ?? []);
    const reading = await this.#readHistory(jobs);
    const emit = (event: TickEvent) => tell(options.onEvent, event);
    emit({ type: 'tickStarted', now: reading.now, jobs });

    const reports: JobReport[] = [];
    const waiting = jobs.values();
    const work = async () => {
      for (const job of waiting) {
        const report = await this.#takeTurn(job, reading, options, emit);
        reports.push(report);
        this.#logError(report);
        emit({ type: 'jobDone', report });
      }
    };
    const concurrency = Math.min(options.concurrency ?? this.settings.concurrency, Math.max(jobs.length, 1));
    // A turn reports what goes wrong instead of throwing, so no worker leaves the others behind.
    await Promise.all(Array.from({ length: concurrency }, work));

    const report = { now: reading.now, jobs: reports, durationMillis: performance.now() - startedAt };
    emit({ type: 'tickEnded', report });
    return report;
  }

  /** How long until a job is due: zero when it is due now, `null` when it will never be again. */
  async timeUntilRun(job: CronJobBase): Promise<Duration | null> {
    // Luxon is loaded here, since a tick does without.
    const { timeUntilRun } = await import('../schedule/timeUntilRun.ts');
    const { now, jobs } = await this.#readHistory([job]);
    return timeUntilRun(job.schedule, jobs.get(job.code)!, now, this.settings.timeZone);
  }

  /** The newest successful run of a job; `null` when there is none. */
  async previousSuccess(job: CronJobBase): Promise<CronJobLog | null> {
    const { jobs } = await this.#readHistory([job], { withPreviousSuccess: true });
    return jobs.get(job.code)?.previousSuccess ?? null;
  }

  async #takeTurn(
    job: CronJobBase,
    reading: HistoryReading,
    options: RunOptions,
    emit: (event: TickEvent) => void,
  ): Promise<JobReport> {
    const idle = { job, log: null, durationMillis: null, holder: null };
    const isForced = options.force ?? false;
    if (!isForced || options.dryRun) {
      const decision = isDue(job.schedule, reading.jobs.get(job.code)!, reading.now, this.settings.timeZone);
      if (!decision.due && !isForced) {
        return { ...idle, outcome: 'not_due', reason: decision.reason };
      }
      if (options.dryRun) {
        return { ...idle, outcome: 'would_run', reason: isForced ? 'forced' : decision.reason };
      }
    }
    if (options.stop?.aborted) {
      return { ...idle, outcome: 'not_started', reason: 'the runner was stopped before its turn' };
    }
    const executor = new InProcessExecutor(this.#orm);
    const { settings } = this;
    return new JobTurn(job, {
      orm: this.#orm,
      settings,
      executor,
      isForced,
      shutdown: options.shutdown,
      emit,
    }).take();
  }

  async #load(): Promise<readonly CronJobBase[]> {
    const jobs = await loadJobs(this.#orm, this.settings);
    for (const job of jobs) {
      attachDesk(job, this);
    }
    return jobs;
  }

  async #readHistory(jobs: readonly CronJobBase[], options: Partial<HistoryOptions> = {}): Promise<HistoryReading> {
    const em = this.#orm.em.fork({ clear: true, useContext: false }) as EntityManager;
    const codes = jobs.map(job => job.code);
    try {
      return await readHistory(em, this.#orm, codes, { clock: this.settings.clock, ...options });
    } catch (error) {
      throw explainDatabaseError(error, this.#orm);
    }
  }

  #logError({ job, outcome, error, reason }: JobReport): void {
    if (this.settings.logErrors && error !== undefined) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#orm.config.getLogger().error('info', `[cron] ${job.code} ${outcome}: ${text || reason}`);
    }
  }
}

/** Tells a listener, which may be async, and lets nothing that it throws come back. */
function tell(listener: TickListener | undefined, event: TickEvent): void {
  try {
    Promise.resolve(listener?.(event)).catch(() => undefined);
  } catch {
    // See TickListener: no listener can break a tick.
  }
}
