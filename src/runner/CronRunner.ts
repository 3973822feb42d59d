import type { MikroORM } from '@mikro-orm/core';
import type { Duration } from 'luxon';
import type { TickReading } from '../claim/readTick.ts';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { ownEm, readNow } from '../database/ourTables.ts';
import { CronError } from '../errors.ts';
import type { TickReport } from '../events/TickEvent.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { type HistoryOptions, type HistoryReading, readHistory } from '../history/readHistory.ts';
import { type PruneOptions, Retention, type UnknownRows } from '../history/Retention.ts';
import { type CronJobBase, DEFAULT_MIN_NUM_FAILURES, type JobRunner, registerJob } from '../job/CronJobBase.ts';
import { loadJobs } from '../job/loadJobs.ts';
import { selectJobs } from '../job/selectJobs.ts';
import type { KnownHolder } from '../lock/LockProvider.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { messageOf } from '../util/thrown.ts';
import { Connections } from './Connections.ts';
import { CronLoop } from './CronLoop.ts';
import { type Overview, readOverview } from './readOverview.ts';
import {
  checkLoopOptions,
  checkPruneOptions,
  checkRunOptions,
  type LoopOptions,
  type RunOptions,
} from './RunOptions.ts';
import { Tick } from './Tick.ts';

/** Tells a runner of another copy of the package, where `instanceof` would not. */
const brand = Symbol.for('mikro-orm-cron.runner');

/** Whether a value is a runner, also when it comes from another copy of this package. */
export function isCronRunner(value: object): value is CronRunner {
  return brand in value;
}

/** Runs a host's jobs, tick by tick, in the host's process, with the host's MikroORM. Got by `getCronRunner(orm)`. */
export class CronRunner implements JobRunner {
  /** The settings given to `cron()`, with their defaults. */
  readonly settings: ResolvedSettings;
  /** @internal */
  readonly orm: MikroORM;
  /** @internal */
  readonly connections: Connections;
  #jobs: Promise<readonly CronJobBase[]> | undefined;
  #loop: { stop: AbortController; shutdown: AbortController; ended: Promise<void> } | undefined;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @internal */
  constructor(orm: MikroORM, settings: ResolvedSettings) {
    this.orm = orm;
    this.settings = settings;
    this.connections = new Connections(orm, settings);
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
   * The jobs of these names that have one of these tags, in the order of `jobs`. A name is a class name, a code or a
   * pattern such as `billing.*`; without names all jobs are meant, and without tags any.
   *
   * @throws CronJobError when a job cannot be loaded or a name or tag is unknown, listing the known ones.
   */
  async select(names: readonly string[], tags: readonly string[] = []): Promise<readonly CronJobBase[]> {
    return selectJobs(await this.jobs(), names, tags);
  }

  /**
   * Makes one tick: reads the history of all jobs, decides, runs what is due, and deletes old rows.
   *
   * @throws CronJobError when a job cannot be loaded or a name is unknown, and CronError when the database cannot be
   * reached or its tables are missing; then nothing ran. A job that fails is no error of the tick but in the report.
   */
  async run(options: RunOptions = {}): Promise<TickReport> {
    checkRunOptions(options);
    const jobs = await this.select(options.jobs ?? [], options.tags);
    const { orm, settings, connections } = this;
    let reading: TickReading;
    try {
      reading = await connections.claimer.read(jobs.map(({ code }) => code));
    } catch (error) {
      throw explainDatabaseError(error, orm);
    }
    const prune = async (limits: PruneOptions) => this.prune(settings.deleteLogsOlderThanDays, limits);
    return new Tick(jobs, reading, { orm, settings, connections, run: options, prune }).run();
  }

  /**
   * Ticks at a steady pace, in this process, until `stop()`: for hosts that have no crontab. Returns at once.
   *
   * @throws CronError when it is ticking already, or an option is not allowed.
   */
  start(options: Omit<LoopOptions, 'stop' | 'shutdown'> = {}): void {
    checkLoopOptions(options);
    if (this.#loop) {
      throw new CronError('CronRunner: it is ticking already; call stop() first');
    }
    const [stop, shutdown] = [new AbortController(), new AbortController()];
    const loop = this.loop({
      onTickFailed: (error, seconds) => this.#logFailedTick(error, seconds),
      ...options,
      stop: stop.signal,
      shutdown: shutdown.signal,
    });
    // A loop ends by itself only when its jobs cannot be loaded, or after `repeat` ticks.
    const ended = loop
      .run()
      .then(
        () => undefined,
        (error: unknown) => this.#logFailedTick(error, null),
      )
      .finally(() => (this.#loop = undefined));
    this.#loop = { stop, shutdown, ended };
  }

  /** @internal What `start()` and `cronloop` run. */
  loop(options: LoopOptions): CronLoop {
    const prepare = async () => this.select(options.jobs ?? [], options.tags);
    return new CronLoop({ prepare, tick: async () => this.run(options) }, options);
  }

  /**
   * Ends `start()`: no further job starts, running jobs have `shutdownGraceSeconds` to finish, then their signals are
   * aborted. Resolves when all outcomes are written and all locks given back.
   */
  async stop(): Promise<void> {
    if (!this.#loop) {
      return;
    }
    const { stop, shutdown, ended } = this.#loop;
    const reason = new DOMException('Shut down by stop()', 'AbortError');
    stop.abort(reason);
    const timer = setTimeout(() => shutdown.abort(reason), this.settings.shutdownGraceSeconds * 1000);
    await ended;
    clearTimeout(timer);
  }

  /**
   * Deletes old rows of the log now: those of this runner's jobs that ended longer ago, and the older successes of jobs
   * with `removeSuccessfulLogs`. What schedules and notifications go by stays, see the setting
   * `deleteLogsOlderThanDays`, and so do rows of other codes unless `allCodes` is set.
   *
   * @param olderThanDays `undefined` deletes none by age
   * @returns the number of rows
   * @throws CronError when an option is not allowed.
   */
  async prune(olderThanDays: number | undefined, options: PruneOptions = {}): Promise<number> {
    checkPruneOptions(olderThanDays, options);
    return (await this.#retention()).prune(olderThanDays, options);
  }

  /**
   * Old rows that `prune()` leaves because no job of this runner has their code.
   *
   * @internal
   */
  async countUnknown(olderThanDays: number): Promise<UnknownRows> {
    return (await this.#retention()).countUnknown(olderThanDays);
  }

  /** How these jobs stand now: schedule, newest run, failures in a row, next run, lock holder. */
  async overview(jobs?: readonly CronJobBase[]): Promise<Overview> {
    const { orm, settings, connections } = this;
    return readOverview(orm, settings, connections.locks, jobs ?? (await this.jobs()));
  }

  /** Who holds a job's lock now: `null` nobody, `undefined` unknown, since its backend cannot tell. */
  async holder(job: CronJobBase): Promise<KnownHolder> {
    const now = await readNow(ownEm(this.orm), this.orm, this.settings.clock);
    return (await this.connections.locks.holders([job], now)).get(job.code);
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

  /** Always of all jobs, whichever of them a tick is of: each keeps what its own schedule and notification need. */
  async #retention(): Promise<Retention> {
    const jobs = (await this.jobs()).map(({ code, minNumFailures, removeSuccessfulLogs }) => ({
      code,
      minNumFailures,
      removesSuccesses: removeSuccessfulLogs ?? this.settings.removeSuccessfulLogs,
    }));
    // A job of another program may count as many failures as ours do.
    const unknownFailures = Math.max(DEFAULT_MIN_NUM_FAILURES, ...new Set(jobs.map(job => job.minNumFailures)));
    return new Retention(this.orm, this.settings.clock, jobs, unknownFailures);
  }

  async #load(): Promise<readonly CronJobBase[]> {
    const jobs = await loadJobs(this.orm, this.settings);
    for (const job of jobs) {
      registerJob(job, this);
    }
    return jobs;
  }

  async #readHistory(jobs: readonly CronJobBase[], options: Partial<HistoryOptions> = {}): Promise<HistoryReading> {
    const em = ownEm(this.orm);
    const codes = jobs.map(job => job.code);
    try {
      return await readHistory(em, this.orm, codes, { clock: this.settings.clock, ...options });
    } catch (error) {
      throw explainDatabaseError(error, this.orm);
    }
  }

  #logFailedTick(error: unknown, retryInSeconds: number | null): void {
    const text = messageOf(error);
    const next = retryInSeconds === null ? 'the loop has ended' : `trying again in ${retryInSeconds} s`;
    this.orm.config.getLogger().error('cron', `the tick could not be made: ${text}; ${next}`, { enabled: true });
  }
}
