import type { MikroORM } from '@mikro-orm/core';
import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName, UNFILTERED } from '../database/ourTables.ts';
import type { OwnConnection } from '../database/OwnConnection.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog } from './CronJobLog.ts';

/** Rows deleted by one statement: few enough not to block other sessions, enough to finish. */
const BATCH = 1_000;

/** Parts looked at in one statement, and rows of each: enough that a tick mostly needs no second look. */
const PARTS_AT_ONCE = 25;
const ROWS_AT_FIRST = 40;

/** Limits of one call of `prune()`. */
export interface RetentionLimits {
  /** Milliseconds after which no further batch begins; the rest stays for the next time. @default no end */
  readonly budgetMillis?: number | undefined;
  /** Once aborted, no further batch begins. */
  readonly stop?: AbortSignal | undefined;
  /** Limits a statement. @default none */
  readonly answer?: <Value>(work: Promise<Value>) => Promise<Value>;
}

/** Options of `runner.prune()`. */
export interface PruneOptions extends RetentionLimits {
  /**
   * Whether old rows of codes that the runner has no job of are deleted too: of a code that was renamed, or of another
   * program that shares the database.
   *
   * @default false
   */
  readonly allCodes?: boolean | undefined;
}

/** A job as retention sees it. */
export interface RetainedJob {
  readonly code: string;
  /** How many failures since its newest success stay: a notification counts that many in a row. */
  readonly minNumFailures: number;
  /** Whether its successes go whatever their age. */
  readonly removesSuccesses: boolean;
}

/** Old rows that stay because the runner does not know their codes. */
export interface UnknownRows {
  readonly rows: number;
  readonly codes: number;
}

/**
 * Deletes old rows of the log, in batches.
 *
 * Whatever the age, four kinds of row stay, since schedules and notifications go by them: a job's newest run, its newest
 * success, the newest success of each of its slots' times, and its newest failures since the newest success. A row that
 * starts in the future, of a clock that was wrong, counts for none of them; a running row has no end and is never old.
 */
export class Retention {
  readonly #connection: OwnConnection;
  readonly #sql: Dialect;
  readonly #table: string;
  readonly #now: string;
  readonly #jobs: readonly RetainedJob[];
  readonly #unknownFailures: number;
  /** Limits a statement. */
  #answer = async <Value>(work: Promise<Value>): Promise<Value> => work;

  /**
   * @param connection for all its statements
   * @param jobs all jobs of the runner: rows of other codes are not its own to delete
   * @param unknownFailures how many failures since the newest success stay of a code that is not among them
   */
  constructor(
    orm: MikroORM,
    connection: OwnConnection,
    clock: Clock | undefined,
    jobs: readonly RetainedJob[],
    unknownFailures: number,
  ) {
    this.#connection = connection;
    this.#sql = dialectOf(orm);
    this.#table = tableName(orm.em, CronJobLog);
    this.#now = nowSql(this.#sql, clock);
    this.#jobs = jobs;
    this.#unknownFailures = unknownFailures;
  }

  /**
   * Deletes what ended more than so many days ago, and older successes of jobs that remove them; gives the number of
   * rows.
   *
   * @param days `undefined` deletes none by age
   */
  async prune(days: number | undefined, { budgetMillis, stop, allCodes, answer }: PruneOptions): Promise<number> {
    this.#answer = answer ?? this.#answer;
    const deadline = performance.now() + (budgetMillis ?? Infinity);
    const mayGoOn = () => performance.now() < deadline && !stop?.aborted;
    const isNeeded = days !== undefined || this.#jobs.some(({ removesSuccesses }) => removesSuccesses);
    const parts = isNeeded && mayGoOn() ? await this.#findParts(days) : [];
    let rows = 0;
    for (let index = 0; index < parts.length && mayGoOn(); index += PARTS_AT_ONCE) {
      rows += await this.#deleteParts(parts.slice(index, index + PARTS_AT_ONCE), mayGoOn);
    }
    if (allCodes && days !== undefined) {
      const select = `select r.id from ${this.#table} r where ${this.#isUnknown(days)} order by r.end_time`;
      rows += await this.#deleteAll({ select, parameters: [this.#knownCodes()] }, mayGoOn);
    }
    return rows;
  }

  /** Counts what ended more than so many days ago and stays only because its code is unknown. */
  async countUnknown(days: number): Promise<UnknownRows> {
    const [counts] = await this.#read<Record<'row_total' | 'code_total', number | string>>(
      `select count(*) as row_total, count(distinct r.code) as code_total from ${this.#table} r` +
        ` where ${this.#isUnknown(days)}`,
      [this.#knownCodes()],
    );
    return { rows: Number(counts?.row_total ?? 0), codes: Number(counts?.code_total ?? 0) };
  }

  /** Deletes a little of each part, found by one statement, and then the rest of those that have more. */
  async #deleteParts(parts: readonly Part[], mayGoOn: () => boolean): Promise<number> {
    const looks = parts.map(
      ({ select }, index) => `select ${index} as part, p.id from (${select} limit ${ROWS_AT_FIRST}) p`,
    );
    const parameters = parts.flatMap(part => part.parameters);
    const found = await this.#read<{ part: number; id: number | string }>(looks.join(' union all '), parameters);
    let deleted = await this.#delete(found);
    for (const [index, part] of parts.entries()) {
      const hasMore = found.filter(row => row.part === index).length === ROWS_AT_FIRST;
      deleted += hasMore ? await this.#deleteAll(part, mayGoOn) : 0;
    }
    return deleted;
  }

  async #deleteAll({ select, parameters }: Part, mayGoOn: () => boolean): Promise<number> {
    let deleted = 0;
    while (mayGoOn()) {
      const rows = await this.#read<{ id: number | string }>(`${select} limit ${BATCH}`, parameters);
      deleted += await this.#delete(rows);
      if (rows.length < BATCH) {
        break;
      }
    }
    return deleted;
  }

  async #delete(rows: readonly { id: number | string }[]): Promise<number> {
    const ids = rows.map(({ id }) => Number(id));
    const work = async () =>
      this.#connection.run(async em => em.nativeDelete(CronJobLog, { id: { $in: ids } }, UNFILTERED));
    return ids.length === 0 ? 0 : this.#answer(work());
  }

  async #read<Row extends object>(statement: string, parameters: readonly string[]): Promise<Row[]> {
    return this.#answer(this.#connection.run(async em => em.execute<Row[]>(statement, [...parameters])));
  }

  /**
   * Which jobs may have rows to delete, by one statement that reads the tops of indexes: what it finds for a job is worth
   * a closer look, which a planner takes its time for.
   */
  async #findParts(days: number | undefined): Promise<Part[]> {
    const first = (alias: string, direction: string, condition = '') =>
      this.#sql.joinFirst(alias, {
        table: this.#table,
        where: row => `${row}.code = c.code${condition}`,
        orderBy: row => `${row}.start_time ${direction}, ${row}.id ${direction}`,
      });
    const isSuccess = ` and status = 'succeeded'`;
    const isOld = days === undefined ? '1 = 0' : `o.start_time < ${this.#cutoff(days)}`;
    const rows = await this.#read<{ code: string; is_old: number; has_successes: number }>(
      `select c.code, case when ${isOld} then 1 else 0 end as is_old,` +
        ` case when f.id <> l.id then 1 else 0 end as has_successes from ${this.#sql.codes('?')} c` +
        ` ${first('o', 'asc')} ${first('f', 'asc', isSuccess)} ${first('l', 'desc', isSuccess)}`,
      [this.#knownCodes()],
    );
    const found = new Map(rows.map(row => [row.code, row]));
    return this.#jobs.flatMap(job => {
      const row = found.get(job.code);
      return [
        ...(row?.has_successes && job.removesSuccesses
          ? [this.#part(job, `r.status = 'succeeded' and r.start_time <= ${this.#now}`)]
          : []),
        ...(row?.is_old && days !== undefined ? [this.#part(job, this.#isOld(days))] : []),
      ];
    });
  }

  /**
   * Rows of a job to delete, by an index from the job's oldest row on: by the end of runs alone, the old rows of all other
   * programs would be passed over one by one, at every tick.
   */
  #part({ code, minNumFailures }: RetainedJob, condition: string): Part {
    const select =
      `select r.id from ${this.#table} r where r.code = ? and ${condition}` +
      ` and ${this.#isDispensable('?', minNumFailures)} order by r.start_time, r.id`;
    return { select, parameters: Array<string>(select.split('?').length - 1).fill(code) };
  }

  #isUnknown(days: number): string {
    return (
      `${this.#isOld(days)} and r.code not in (select c.code from ${this.#sql.codes('?')} c)` +
      ` and ${this.#isDispensable('r.code', this.#unknownFailures)}`
    );
  }

  #knownCodes(): string {
    return JSON.stringify(this.#jobs.map(({ code }) => code));
  }

  #cutoff(days: number): string {
    return this.#sql.instant(`${this.#sql.millis(this.#now)} - ${days * 86_400_000}`);
  }

  /** By the end of a run; its start, which comes before, is what the jobs' index knows. */
  #isOld(days: number): string {
    return `r.start_time < ${this.#cutoff(days)} and r.end_time < ${this.#cutoff(days)}`;
  }

  /**
   * That a row `r` is neither its job's newest run nor newest success, nor the newest success of its slot's time, nor
   * one of so many newest failures since the newest success.
   *
   * @param code of the row; as a parameter it lets the database look up once what holds for all rows of the job
   */
  #isDispensable(code: string, keptFailures: number): string {
    const newest = (column: string, condition: string, offset = 0) =>
      `(select n.${column} from ${this.#table} n where n.code = ${code}${condition} and n.start_time <= ${this.#now}` +
      ` order by n.start_time desc, n.id desc limit 1 offset ${offset})`;
    const isSuccess = ` and n.status = 'succeeded'`;
    // After the newest success all that have ended are failures, so counting runs counts those.
    const keptFrom = newest('start_time', ` and n.status <> 'running'`, keptFailures - 1);
    const newerSlot =
      `exists (select 1 from ${this.#table} s where s.code = ${code} and s.status = 'succeeded'` +
      ` and s.scheduled_for > r.scheduled_for and s.scheduled_for <= ${this.#now}` +
      ` and coalesce(s.ran_at_time, '') = coalesce(r.ran_at_time, ''))`;
    return (
      `r.id <> ${newest('id', '')} and case when r.status = 'succeeded'` +
      ` then r.id <> ${newest('id', isSuccess)} and (r.scheduled_for is null or ${newerSlot})` +
      ` else r.start_time < ${newest('start_time', isSuccess)} or r.start_time < ${keptFrom} end`
    );
  }
}

/** Rows of one kind to delete, oldest first. */
interface Part {
  readonly select: string;
  readonly parameters: string[];
}
