import type { EntityManager } from '@mikro-orm/sql';
import { readRunning } from '../claim/closeOrphans.ts';
import { CronError } from '../errors.ts';
import type { OperatorAction } from '../events/TickEvent.ts';
import { readHistory } from '../history/readHistory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { checkArguments, plainArguments } from '../job/jobArguments.ts';
import { onlyJob } from '../job/selectJobs.ts';
import { isDue } from '../schedule/isDue.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import { ALL_JOBS } from '../state/CronJobState.ts';
import { type RequestMade, StateStore } from '../state/StateStore.ts';
import { whoIsThis } from '../state/whoIsThis.ts';
import type { Clock } from '../util/clock.ts';
import { isCount, showValue } from '../util/rules.ts';

/** Who acts. */
export interface ActOptions {
  /** @default user@host */
  readonly by?: string | undefined;
}

/** Options of `runner.pause()` and `runner.pauseAll()`. */
export interface PauseOptions extends ActOptions {
  /** When the pause ends by itself. @default when somebody resumes the job */
  readonly until?: Date | undefined;
  /** Why; shown wherever the pause is. @default none */
  readonly reason?: string | undefined;
}

/** Options of `runner.skip()`. */
export interface SkipOptions extends ActOptions {
  /** Skips everything before this instant. @default only the next slot */
  readonly until?: Date | undefined;
}

/** Options of `runner.request()`. */
export interface RequestOptions extends ActOptions {
  /** Arguments of the run, as plain JSON. @default none */
  readonly args?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of `runner.cancel()`. */
export interface CancelOptions extends ActOptions {
  /** The run to end. @default the runs under way */
  readonly runId?: number | undefined;
}

/** The jobs and the database that an operator acts on. */
export interface OperatorContext {
  /** Does work on a connection of our own, its errors explained. */
  readonly run: <T>(work: (em: EntityManager) => Promise<T>) => Promise<T>;
  readonly clock: Clock | undefined;
  readonly timeZone: string;
  readonly select: (names: readonly string[]) => Promise<readonly CronJobBase[]>;
  readonly emit: (action: OperatorAction) => void;
}

/** The actions of a person on jobs: each is checked, written into `cron_job_state`, and reported. */
export class Operator {
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  async pause(names: readonly string[], { until, reason, by = whoIsThis() }: PauseOptions): Promise<readonly string[]> {
    checkTexts('pause', { reason, by });
    const jobs = await this.#named('pause', names);
    const codes = jobs.map(({ code }) => code);
    await this.#pause('pause', codes, { until, reason, by });
    jobs.forEach(job => this.#context.emit({ action: 'pause', job, by, until: until ?? null, reason: reason ?? null }));
    return codes;
  }

  async pauseAll({ until, reason, by = whoIsThis() }: PauseOptions): Promise<void> {
    checkTexts('pauseAll', { reason, by });
    await this.#pause('pauseAll', [ALL_JOBS], { until, reason, by });
    this.#context.emit({ action: 'pause', job: null, by, until: until ?? null, reason: reason ?? null });
  }

  async resume(names: readonly string[], { by = whoIsThis() }: ActOptions): Promise<readonly string[]> {
    checkTexts('resume', { by });
    const jobs = await this.#named('resume', names);
    const resumed: string[] = [];
    for (const job of jobs) {
      if ((await this.#store(async store => store.resume([job.code]))) > 0) {
        resumed.push(job.code);
        this.#context.emit({ action: 'resume', job, by });
      }
    }
    return resumed;
  }

  async resumeAll({ by = whoIsThis() }: ActOptions): Promise<boolean> {
    checkTexts('resumeAll', { by });
    const isResumed = (await this.#store(async store => store.resume([ALL_JOBS]))) > 0;
    if (isResumed) {
      this.#context.emit({ action: 'resume', job: null, by });
    }
    return isResumed;
  }

  async skip(name: string, { until, by = whoIsThis() }: SkipOptions): Promise<Date> {
    checkTexts('skip', { by });
    const { run, clock, timeZone, emit } = this.#context;
    const job = await this.#one('skip', name);
    const { code: jobCode, schedule } = job;
    const { now, jobs } = await run(async em => readHistory(em, [job], { clock }));
    checkUntil('skip', until, now);
    const slot = until ? null : nextSlotOf(schedule, jobs.get(jobCode)!, now, timeZone);
    const at = until ?? slot;
    if (at === null) {
      throw new CronError(`Job ${jobCode}: it is never due again, so there is nothing to skip`, { jobCode });
    }
    await this.#store(async store => store.skip(jobCode, { slot, until: until ?? null, by }));
    emit({ action: 'skip', job, by, slot, until: until ?? null });
    return at;
  }

  async request(name: string, { args, by = whoIsThis() }: RequestOptions): Promise<RequestMade> {
    checkTexts('request', { by });
    const job = await this.#one('request', name);
    const given = args && plainArguments(args, 'CronRunner.request(): args');
    const hasArguments = given !== undefined && Object.keys(given).length > 0;
    if (hasArguments) {
      await checkArguments(job, given);
    }
    const text = hasArguments ? JSON.stringify(given) : null;
    const made = await this.#store(async store => store.request(job.code, { by, args: text }));
    if (made.isNew) {
      this.#context.emit({ action: 'request', job, by, id: made.id });
    }
    return made;
  }

  async cancel(name: string, { runId, by = whoIsThis() }: CancelOptions): Promise<readonly number[]> {
    checkTexts('cancel', { by });
    if (runId !== undefined && !isCount(runId)) {
      throw new CronError(
        `CronRunner.cancel(): runId ${showValue(runId)} is not allowed; it must be the number of a run`,
      );
    }
    const { run, clock, emit } = this.#context;
    const job = await this.#one('cancel', name);
    const { code: jobCode } = job;
    const runs = await run(async em => {
      const running = (await readRunning(em, jobCode)).map(({ id }) => id);
      const asked = runId === undefined ? running : running.filter(id => id === runId);
      if (asked.length > 0) {
        const store = new StateStore(em, clock);
        const earlier = [...(await store.cancelled([jobCode])).keys()];
        // Those that still run and were to end before: a second cancel does not take back the first.
        await store.cancel(jobCode, [...new Set([...earlier.filter(id => running.includes(id)), ...asked])], by);
      }
      return asked;
    });
    if (runs.length === 0) {
      const which = runId === undefined ? 'no run is' : `run ${runId} is not`;
      throw new CronError(`Job ${jobCode}: ${which} under way, so there is nothing to cancel`, { jobCode });
    }
    emit({ action: 'cancel', job, by, runs });
    return runs;
  }

  async #pause(
    method: string,
    codes: readonly string[],
    { until, reason, by }: PauseOptions & { readonly by: string },
  ): Promise<void> {
    if (until) {
      checkUntil(method, until, (await this.#store(async store => store.read(codes))).now);
    }
    const values = { until: until ?? null, by, reason: reason?.trim() ? reason : null };
    await this.#store(async store => store.pause(codes, values));
  }

  async #store<T>(work: (store: StateStore) => Promise<T>): Promise<T> {
    return this.#context.run(async em => work(new StateStore(em, this.#context.clock)));
  }

  async #named(method: string, names: readonly string[]): Promise<readonly CronJobBase[]> {
    if (names.length === 0) {
      throw new CronError(`CronRunner.${method}(): it needs the name of a job; for all jobs call ${method}All()`);
    }
    return this.#context.select(names);
  }

  async #one(method: string, name: string): Promise<CronJobBase> {
    return onlyJob(await this.#context.select([name]), `CronRunner.${method}(): ${showValue(name)}`);
  }
}

/** The slot that is due, or else the next one; for an interval the instant of its run. `null` when none ever comes. */
function nextSlotOf(schedule: Schedule, history: ScheduleHistory, now: Date, timeZone: string): Date | null {
  const next = nextRun(schedule, history, now, timeZone);
  return next && (isDue(schedule, history, next, timeZone).scheduledFor ?? next);
}

function checkTexts(method: string, texts: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(texts)) {
    if (value !== undefined && (typeof value !== 'string' || (name === 'by' && value.trim() === ''))) {
      throw new CronError(`CronRunner.${method}(): ${name} ${showValue(value)} is not allowed; it must be a text`);
    }
  }
}

function checkUntil(method: string, until: Date | undefined, now: Date): void {
  if (until !== undefined && !(until > now)) {
    throw new CronError(
      `CronRunner.${method}(): until ${showValue(until)} is not allowed; it must be a Date in the future`,
    );
  }
}
