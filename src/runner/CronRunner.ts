import type { MikroORM } from '@mikro-orm/core';
import type { Duration } from 'luxon';
import { unread } from '../claim/readTick.ts';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { readNow } from '../database/ourTables.ts';
import { CronError } from '../errors.ts';
import type { TickReport } from '../events/TickEvent.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { type HistoryOptions, type HistoryReading, readHistory } from '../history/readHistory.ts';
import type { PruneOptions, Retention, UnknownRows } from '../history/Retention.ts';
import { isWithinCommand } from '../host/commands.ts';
import { type CronJobBase, type JobRunner, registerJob } from '../job/CronJobBase.ts';
import { areAllOff, isEnabled } from '../job/enabled.ts';
import { argumentsOf } from '../job/jobArguments.ts';
import { loadJobs } from '../job/loadJobs.ts';
import { onlyJob, selectJobs } from '../job/selectJobs.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import { type HoldersReading, readHolders } from '../lock/readHolders.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { type RunnerSettings, withoutSecrets } from '../settings/RunnerSettings.ts';
import { type RequestMade, StateStore } from '../state/StateStore.ts';
import { COUNT_ALLOWED, isCount, showValue } from '../util/rules.ts';
import { messageOf } from '../util/thrown.ts';
import { answerWithin } from './answerWithin.ts';
import { Connections } from './Connections.ts';
import { CronLoop } from './CronLoop.ts';
import { LogQuery, type LogsOptions } from './LogQuery.ts';
import type { WakeSource } from './LoopSleep.ts';
import { type EndSignals, Ongoing } from './Ongoing.ts';
import {
  type ActOptions,
  type CancelOptions,
  Operator,
  type PauseOptions,
  type RequestOptions,
  type SkipOptions,
} from './Operator.ts';
import { type Overview, readOverview } from './readOverview.ts';
import { retentionOf } from './retentionOf.ts';
import { checkLoopOptions, checkOption, checkPruneOptions, checkRunOptions } from './RunOptions.ts';
import type { LoopOptions, RunOptions } from './RunOptions.ts';
import { Tick } from './Tick.ts';
import { unlessStopped } from './unlessStopped.ts';
import { unlockJob } from './unlockJob.ts';

/** Recognizes a runner of another copy of the package, where `instanceof` does not. */
const brand = Symbol.for('mikro-orm-cron.runner');

/** Whether a value is a runner, also when it comes from another copy of this package. */
export function isCronRunner(value: object): value is CronRunner {
  return brand in value;
}

/** The answer of `start()` in an application that a command has booted. */
const NOT_STARTED =
  'mikro-orm-cron: CronRunner.start(): nothing was started, since a command of mikro-orm-cron booted this application; call start() where only the server comes by, such as after listen()\n';

/** Runs a host's jobs, tick by tick, in the host's process, with the host's MikroORM. Got by `getCronRunner(orm)`. */
export class CronRunner implements JobRunner {
  /** The settings given to `cron()`, with their defaults; without those that can hold a secret. */
  readonly settings: RunnerSettings;
  /** @internal */
  readonly orm: MikroORM;
  /** @internal */
  readonly connections: Connections;
  readonly #settings: ResolvedSettings;
  #jobs: Promise<readonly CronJobBase[]> | undefined;
  readonly #ongoing = new Ongoing();
  #isLooping = false;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @internal */
  constructor(orm: MikroORM, settings: ResolvedSettings) {
    this.orm = orm;
    this.#settings = settings;
    this.settings = withoutSecrets(settings);
    this.connections = new Connections(orm, settings);
  }

  /**
   * The host's jobs, in the order of `jobs`; loaded when first asked for.
   *
   * @throws CronJobError when a job cannot be loaded or is not allowed.
   */
  async jobs(): Promise<readonly CronJobBase[]> {
    // A failed load is not kept, so that the job can be fixed without a restart.
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
   * reached, does not answer within `connectTimeoutSeconds`, or its tables are missing, or when it was stopped before it
   * had begun; then nothing ran. A failed job does not throw: it is in the report.
   */
  async run(given: RunOptions = {}): Promise<TickReport> {
    const options = checkRunOptions(given);
    return this.#ongoing.run(options, async signals => (await this.#tick(options, signals)).run());
  }

  /** Reads what a tick decides by. */
  async #tick(options: RunOptions, signals: EndSignals): Promise<Tick> {
    const { orm, connections } = this;
    const settings = this.#settings;
    const { stop } = signals;
    const prepare = async () => {
      const jobs = await this.select(options.jobs ?? [], options.tags);
      const args = await argumentsOf(jobs, options);
      stop.throwIfAborted();
      const read = async () => connections.claimer.read(jobs);
      // Maintenance may have the database down.
      const reading = areAllOff() ? unread(jobs, settings.clock?.now() ?? new Date()) : await this.#ask(read, stop);
      return [jobs, args, reading] as const;
    };
    const [jobs, args, reading] = await unlessStopped(prepare(), stop);
    const prune = async (limits: PruneOptions) => this.prune(settings.deleteLogsOlderThanDays, limits);
    return new Tick(jobs, reading, { orm, settings, connections, run: { ...options, ...signals }, args, prune });
  }

  /**
   * Ticks whenever a job is due, in this process, until `stop()`: for hosts without crontab. Returns at once. Within a command
   * of this package, such as `cron:list`, it starts nothing and says so on stderr: the command may have booted the
   * application only to build its jobs.
   *
   * @throws CronError when it is already started, or an option is not allowed.
   */
  start(given: Omit<LoopOptions, 'stop' | 'shutdown'> = {}): void {
    const options = checkLoopOptions(given);
    if (this.#isLooping) {
      throw new CronError('CronRunner.start(): it is already started; call stop() first');
    }
    if (isWithinCommand()) {
      process.stderr.write(NOT_STARTED);
      return;
    }
    this.#isLooping = true;
    void this.#ongoing.run({}, async signals => {
      const onTickFailed = this.#logFailedTick.bind(this);
      try {
        // A loop ends by itself only when its jobs cannot be loaded, or after `repeat` ticks.
        await this.loop({ onTickFailed, ...options, ...signals }).run();
      } catch (error) {
        if (!signals.stop.aborted) {
          this.#logFailedTick(error, null);
        }
      } finally {
        this.#isLooping = false;
      }
    });
  }

  /** @internal What `start()` and `cronloop` run. */
  loop(given: LoopOptions): CronLoop {
    const options = checkLoopOptions(given);
    const { stop = new AbortController().signal } = options;
    const prepare = async () => unlessStopped(this.select(options.jobs ?? [], options.tags), stop);
    const tick = async () =>
      this.#ongoing.run(options, async signals => {
        const made = await this.#tick(options, signals);
        await made.run();
        return made.millisUntilDue();
      });
    // Within 5 s, with the time of the look itself.
    const requests: WakeSource = { everySeconds: 4, look: async () => this.#hasRequest(options) };
    return new CronLoop({ prepare, tick }, options, [requests]);
  }

  /**
   * Ends what `start()` and `run()` have going: no further job starts, running jobs have `shutdownGraceSeconds` to finish,
   * then their signals are aborted. Resolves when all outcomes are written and all locks given back.
   */
  async stop(): Promise<void> {
    const reason = new DOMException('Shut down by stop()', 'AbortError');
    await this.#ongoing.end(reason, this.settings.shutdownGraceSeconds);
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
  async prune(olderThanDays: number | undefined, given: PruneOptions = {}): Promise<number> {
    const options = checkPruneOptions(olderThanDays, given);
    const answer = async <Value>(work: Promise<Value>) => answerWithin(this, work);
    return (await this.#retention()).prune(olderThanDays, { answer, ...options });
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
    return readOverview({ orm, settings, connections }, jobs ?? (await this.jobs()));
  }

  /**
   * Runs of the log, newest first, with their messages; page by page with `before`. Also of jobs that are only in the log.
   *
   * @example
   * ```ts
   * const page = await runner.logs({ codes: ['billing.*'], failed: true, since: '1d' });
   * const next = await runner.logs({ codes: ['billing.*'], failed: true, since: '1d', before: page.at(-1)?.id });
   * ```
   * @throws CronError when an option is not allowed or a job is unknown, or the database cannot be read.
   */
  async logs(options: LogsOptions = {}): Promise<readonly CronJobLog[]> {
    return this.#ask(async () => this.logQuery().list(options));
  }

  /** One run of the log, by its id; `null` when there is none. @throws CronError when the database cannot be read. */
  async log(id: number): Promise<CronJobLog | null> {
    checkOption('log', 'id', id, isCount, COUNT_ALLOWED);
    return this.#ask(async () => this.logQuery().reader.one(id));
  }

  /** @internal */
  logQuery(): LogQuery {
    return new LogQuery(this);
  }

  /** Who holds the locks of these jobs now, all jobs by default. @throws CronError when the database cannot be read. */
  async holders(jobs?: readonly CronJobBase[]): Promise<HoldersReading> {
    const asked = jobs ?? (await this.jobs());
    return this.#ask(async () => readHolders(asked, this.connections.locks, await this.#now()));
  }

  /**
   * Frees a job's lock, no matter who holds it. A run that still holds it is aborted at its next heartbeat.
   *
   * @param options `heldBy`: free it only from this holder, such as the one that a person was asked about
   * @returns whose it was; `null` when it was free
   * @throws CronError when the job is unknown or takes no lock, somebody else than `heldBy` holds it now, or the lock
   * cannot be freed by force.
   */
  async unlock(
    job: CronJobBase | string,
    { heldBy }: { heldBy?: LockHolder | undefined } = {},
  ): Promise<LockHolder | null> {
    const one =
      typeof job === 'string' ? onlyJob(await this.select([job]), `CronRunner.unlock(): ${showValue(job)}`) : job;
    const context = { locks: this.connections.locks, heldBy, timeZone: this.settings.timeZone };
    return this.#ask(async () => unlockJob(one, { ...context, now: await this.#now() }));
  }

  /**
   * Pauses jobs: nothing of them starts, nor what is requested, until they are resumed or the pause ends. What runs goes on.
   *
   * @param names class names, codes or patterns such as `billing.*`
   * @returns the codes of the jobs
   * @throws CronError when a job is unknown or an option is not allowed.
   */
  async pause(names: readonly string[], options: PauseOptions = {}): Promise<readonly string[]> {
    return this.#operator().pause(names, options);
  }

  /** Pauses all jobs of this database, also those that come later. @throws CronError when an option is not allowed. */
  async pauseAll(options: PauseOptions = {}): Promise<void> {
    await this.#operator().pauseAll(options);
  }

  /** Ends pauses. What was missed meanwhile is due by `missedRuns` and deadline. @returns the codes of those that were paused */
  async resume(names: readonly string[], options: ActOptions = {}): Promise<readonly string[]> {
    return this.#operator().resume(names, options);
  }

  /** Ends the pause of all jobs; jobs that are paused by themselves stay so. @returns whether there was one */
  async resumeAll(options: ActOptions = {}): Promise<boolean> {
    return this.#operator().resumeAll(options);
  }

  /**
   * Skips a job's next slot, or everything before `until`.
   *
   * @returns the slot, or `until`
   * @throws CronError when the job is unknown or never due again.
   */
  async skip(name: string, options: SkipOptions = {}): Promise<Date> {
    return this.#operator().skip(name, options);
  }

  /**
   * Requests a run of a job: any running loop starts it within 5 seconds, otherwise the next tick does. A second request
   * finds the first one waiting.
   *
   * @throws CronError when the job is unknown or an option is not allowed.
   */
  async request(name: string, options: RequestOptions = {}): Promise<RequestMade> {
    return this.#operator().request(name, options);
  }

  /**
   * Ends the runs of a job that are under way, wherever they are: their signals are aborted within 5 seconds, or a third of
   * the lease when that is shorter.
   *
   * @returns the ids of the runs
   * @throws CronError when the job is unknown or no such run is under way.
   */
  async cancel(name: string, options: CancelOptions = {}): Promise<readonly number[]> {
    return this.#operator().cancel(name, options);
  }

  /** @internal All settings, also those with secrets. A method: nothing that prints the runner shows them. */
  allSettings(): ResolvedSettings {
    return this.#settings;
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

  async #retention(): Promise<Retention> {
    return retentionOf(await this.jobs(), this);
  }

  #operator(): Operator {
    const { clock, timeZone, onOperatorAction } = this.#settings;
    return new Operator({
      run: async work => this.#ask(async () => this.connections.claims.run(work)),
      clock,
      timeZone,
      select: async names => this.select(names),
      // Who acts does not wait for it, and is not kept from it.
      emit: action => {
        void (async () => onOperatorAction?.(action))().catch((error: unknown) => this.#logFailedHook(error));
      },
    });
  }

  /** Whether a request waits for a job of a loop. */
  async #hasRequest({ jobs = [], tags }: LoopOptions): Promise<boolean> {
    const codes = (await this.select(jobs, tags)).filter(job => isEnabled(job)).map(({ code }) => code);
    const { clock } = this.#settings;
    return !areAllOff() && this.connections.claims.run(async em => new StateStore(em, clock).hasRequest(codes));
  }

  #logFailedHook(error: unknown): void {
    this.orm.config.getLogger().error('cron', `onOperatorAction failed: ${messageOf(error)}`, { enabled: true });
  }

  async #now(): Promise<Date> {
    return this.connections.claims.run(async em => readNow(em, this.settings.clock));
  }

  async #load(): Promise<readonly CronJobBase[]> {
    const jobs = await loadJobs(this.orm, this.#settings);
    for (const job of jobs) {
      registerJob(job, this);
    }
    return jobs;
  }

  async #readHistory(jobs: readonly CronJobBase[], options: Partial<HistoryOptions> = {}): Promise<HistoryReading> {
    const { clock } = this.settings;
    const { claims } = this.connections;
    return this.#ask(async () => claims.run(async em => readHistory(em, jobs, { clock, ...options })));
  }

  /** What the database answers in time, its errors explained. */
  async #ask<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    try {
      return await answerWithin(this, work(), signal);
    } catch (error) {
      throw explainDatabaseError(error, this.orm);
    }
  }

  #logFailedTick(error: unknown, retryInSeconds: number | null): void {
    const text = messageOf(error);
    const next = retryInSeconds === null ? 'the loop has ended' : `trying again in ${retryInSeconds} s`;
    this.orm.config.getLogger().error('cron', `the tick failed: ${text}; ${next}`, { enabled: true });
  }
}
