import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { ownEm, tableName, UNFILTERED } from '../database/ourTables.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog } from './CronJobLog.ts';

/** Rows deleted by one statement: few enough to hold nobody up, enough to get done. */
const BATCH = 1_000;

/** How long to go on. */
export interface RetentionLimits {
  /** Milliseconds after which no further batch begins; the rest stays for the next time. @default no end */
  readonly budgetMillis?: number | undefined;
  /** Once aborted, no further batch begins. */
  readonly stop?: AbortSignal | undefined;
  /** Limits a statement. @default none */
  readonly answer?: <Value>(work: Promise<Value>) => Promise<Value>;
}

/**
 * Deletes old rows of the log, in batches.
 *
 * Whatever the age, three kinds of row stay, since schedules go by them: a job's newest run, its newest success, and
 * the newest success of each of its slots' times. A row that starts in the future, of a clock that was wrong, counts
 * for none of them; a running row has no end and is never old.
 */
export class Retention {
  readonly #em: EntityManager;
  readonly #table: string;
  readonly #now: string;
  readonly #cutoff: (days: number) => string;
  readonly #keptRuns: number;

  /** @param keptRuns how many failures of a job since its newest success stay: a notification counts that many in a row */
  constructor(orm: MikroORM, clock: Clock | undefined, keptRuns: number) {
    this.#keptRuns = keptRuns;
    const sql = dialectOf(orm);
    this.#em = ownEm(orm);
    this.#table = tableName(orm, CronJobLog);
    this.#now = clock ? sql.instant(String(clock.now().getTime())) : sql.now;
    this.#cutoff = days => sql.instant(`${sql.millis(this.#now)} - ${days * 86_400_000}`);
  }

  /** Deletes what ended more than so many days ago; gives the number of rows. */
  async deleteOlderThan(days: number, limits: RetentionLimits = {}): Promise<number> {
    return this.#delete(`r.end_time < ${this.#cutoff(days)}`, 'r.end_time', [], limits);
  }

  /** Deletes a job's successes but the newest; gives the number of rows. */
  async deleteSuccesses(code: string, limits: RetentionLimits = {}): Promise<number> {
    return this.#delete(`r.code = ? and r.status = 'succeeded'`, 'r.start_time', [code], limits);
  }

  async #delete(condition: string, order: string, parameters: string[], limits: RetentionLimits): Promise<number> {
    const statement =
      `select r.id from ${this.#table} r where ${condition} and ${this.#isDispensable()}` +
      ` order by ${order} limit ${BATCH}`;
    const deadline = performance.now() + (limits.budgetMillis ?? Infinity);
    const answer = limits.answer ?? (async <Value>(work: Promise<Value>) => work);
    let deleted = 0;
    while (performance.now() < deadline && !limits.stop?.aborted) {
      const rows = await answer(this.#em.execute<{ id: number | string }[]>(statement, parameters));
      if (rows.length > 0) {
        const ids = rows.map(({ id }) => Number(id));
        deleted += await answer(this.#em.nativeDelete(CronJobLog, { id: { $in: ids } }, UNFILTERED));
      }
      if (rows.length < BATCH) {
        break;
      }
    }
    return deleted;
  }

  /**
   * That a row `r` is neither its job's newest run nor newest success, nor the newest success of its slot's time, nor a
   * failure since then among its newest runs.
   */
  #isDispensable(): string {
    const newer = (condition: string) =>
      `exists (select 1 from ${this.#table} n where n.code = r.code ${condition} and n.start_time <= ${this.#now}` +
      ` and n.start_time >= r.start_time and (n.start_time > r.start_time or n.id > r.id))`;
    const newerSlot =
      `exists (select 1 from ${this.#table} s where s.code = r.code and s.status = 'succeeded'` +
      ` and s.scheduled_for > r.scheduled_for and s.scheduled_for <= ${this.#now}` +
      ` and coalesce(s.ran_at_time, '') = coalesce(r.ran_at_time, ''))`;
    const isOldRun =
      `exists (select 1 from ${this.#table} k where k.code = r.code and k.start_time >= r.start_time` +
      ` and (k.start_time > r.start_time or k.id > r.id) order by k.start_time, k.id limit 1 offset ${this.#keptRuns - 1})`;
    const newerSuccess = newer(`and n.status = 'succeeded'`);
    return (
      `${newer('')} and (r.status = 'succeeded' or ${newerSuccess} or ${isOldRun})` +
      ` and (r.status <> 'succeeded' or ${newerSuccess} and (r.scheduled_for is null or ${newerSlot}))`
    );
  }
}
