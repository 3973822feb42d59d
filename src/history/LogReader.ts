import { type FilterQuery, type MikroORM, raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { FRESH, nowSql, ownEm, tableName } from '../database/ourTables.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog, type RunStatus, withNulls } from './CronJobLog.ts';

/** Rows fetched at once: messages can be long. */
const PAGE = 200;

/**
 * Reads runs out of the log, newest first, page by page: each page begins where the last ended, by id, so no page costs
 * more than the first and rows that are added meanwhile move nothing.
 */
export class LogReader {
  readonly #orm: MikroORM;
  readonly #clock: Clock | undefined;

  constructor(orm: MikroORM, clock: Clock | undefined) {
    this.#orm = orm;
    this.#clock = clock;
  }

  /** One run; `null` when there is none of this id. */
  async one(id: number): Promise<CronJobLog | null> {
    const log = await this.#fork().findOne(CronJobLog, { id }, FRESH);
    return log && withNulls(log);
  }

  /** The runs of these ids that pass the filter, oldest first. */
  async byIds(ids: readonly number[], filter: LogFilter): Promise<CronJobLog[]> {
    if (ids.length === 0) {
      return [];
    }
    const where = this.#where(filter, { id: { $in: [...ids] } });
    return (await this.#fork().find(CronJobLog, where, { ...FRESH, orderBy: { id: 'asc' } })).map(withNulls);
  }

  /** Up to `limit` runs with ids above this one, oldest first. */
  async after(id: number, codes: readonly string[] | undefined, limit: number): Promise<CronJobLog[]> {
    const where = this.#where({ codes }, { id: { $gt: id } });
    return (await this.#fork().find(CronJobLog, where, { ...FRESH, orderBy: { id: 'asc' }, limit })).map(withNulls);
  }

  /** Pages of the runs that pass the filter, newest first. */
  async *newest(filter: LogFilter, limit: number, before = Infinity): AsyncGenerator<CronJobLog[]> {
    const indexed = await this.#indexed(filter);
    for (let left = limit; left > 0;) {
      const size = Math.min(PAGE, left);
      const where = this.#where(indexed, before === Infinity ? {} : { id: { $lt: before } });
      const page = (await this.#fork().find(CronJobLog, where, { ...FRESH, orderBy: { id: 'desc' }, limit: size })).map(
        withNulls,
      );
      if (page.length > 0) {
        yield page;
      }
      if (page.length < size) {
        return;
      }
      left -= page.length;
      before = page.at(-1)!.id;
    }
  }

  /** The runs that pass the filter, newest first, at once: for few. */
  async list(filter: LogFilter, limit: number, before?: number): Promise<CronJobLog[]> {
    const logs: CronJobLog[] = [];
    for await (const page of this.newest(filter, limit, before)) {
      logs.push(...page);
    }
    return logs;
  }

  /** The codes that have runs in the log, also of jobs that are no more: one probe of an index a code. */
  async codes(): Promise<string[]> {
    const log = tableName(this.#orm.em, CronJobLog);
    const rows = await this.#fork().execute<{ code: string }[]>(
      `with recursive codes (code) as (select min(code) from ${log} union all` +
        ` select (select min(l.code) from ${log} l where l.code > codes.code) from codes where codes.code is not null)` +
        ` select code from codes where code is not null`,
    );
    return rows.map(({ code }) => code);
  }

  /** All our indexes begin with the code. With every code named they serve a filter on status or time alone, too. */
  async #indexed(filter: LogFilter): Promise<LogFilter> {
    const wantsIndex = filter.statuses !== undefined || filter.since !== undefined;
    return wantsIndex && filter.codes === undefined ? { ...filter, codes: await this.codes() } : filter;
  }

  #where(filter: LogFilter, base: FilterQuery<CronJobLog>): FilterQuery<CronJobLog> {
    const { codes, statuses, since, until, longerThanMillis, grep } = filter;
    const sql = dialectOf(this.#orm);
    const conditions: FilterQuery<CronJobLog>[] = [base];
    if (codes) {
      conditions.push({ code: { $in: [...codes] } });
    }
    if (statuses) {
      conditions.push({ status: { $in: [...statuses] } });
    }
    if (since) {
      conditions.push({ startTime: { $gte: since } });
    }
    if (until) {
      conditions.push({ startTime: { $lte: until } });
    }
    if (longerThanMillis !== undefined) {
      const now = nowSql(sql, this.#clock);
      const took = raw(
        alias => `${sql.millis(`coalesce(${alias}.end_time, ${now})`)} - ${sql.millis(`${alias}.start_time`)}`,
      );
      conditions.push({ [took]: { $gt: longerThanMillis } });
    }
    if (grep !== undefined) {
      const pattern = `%${grep.replace(/[!%_]/g, '!$&')}%`;
      conditions.push({ [raw(alias => `lower(${alias}.message) like lower(?) escape '!'`, [pattern])]: [] });
    }
    return { $and: conditions } as FilterQuery<CronJobLog>;
  }

  #fork(): EntityManager {
    return ownEm(this.#orm);
  }
}

/** Which runs to look at; all conditions that are given must hold. */
export interface LogFilter {
  readonly codes?: readonly string[] | undefined;
  readonly statuses?: readonly RunStatus[] | undefined;
  /** Runs that started then or later. */
  readonly since?: Date | undefined;
  /** Runs that started then or earlier. */
  readonly until?: Date | undefined;
  /** Runs that took longer, or have been running for longer. */
  readonly longerThanMillis?: number | undefined;
  /** Runs whose message contains this text, whatever its case. */
  readonly grep?: string | undefined;
}

/** What counts as a run that ended badly. */
export const FAILED: readonly RunStatus[] = ['failed', 'timed_out', 'abandoned'];
