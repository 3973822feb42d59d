import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** A run as a bar of a strip. */
export interface StripRun {
  readonly id: number;
  readonly status: RunStatus;
  readonly startTime: Date;
  /** `null` while it is running. */
  readonly endTime: Date | null;
}

/** Jobs asked about in one statement: SQLite takes no more than 500 parts of a union. */
const JOBS_AT_ONCE = 400;

interface StripRow {
  id: number | string;
  code: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
}

/**
 * Reads the newest runs of each of these jobs, oldest first: one statement for 400 jobs, and each job's part of it the top of
 * an index.
 *
 * @param count runs a job
 * @param now runs that start after it, of a clock that was wrong, are passed over
 */
export async function readStrips(
  em: EntityManager,
  codes: readonly string[],
  count: number,
  now: Date,
): Promise<Map<string, StripRun[]>> {
  const sql = dialectOf(em);
  const log = tableName(em, CronJobLog);
  const until = sql.instant(String(now.getTime()));
  // A union of tops: not every database lets a joined subquery know the row that it is joined to.
  const newest = (alias: string) =>
    `select * from (select l.id, l.code, l.status, ${sql.millis('l.start_time')} as start_time,` +
    ` ${sql.millis('l.end_time')} as end_time from ${log} l where l.code = ? and l.start_time <= ${until}` +
    ` order by l.start_time desc, l.id desc limit ${count}) ${alias}`;
  const strips = new Map<string, StripRun[]>(codes.map(code => [code, []]));
  for (let index = 0; index < codes.length; index += JOBS_AT_ONCE) {
    const some = codes.slice(index, index + JOBS_AT_ONCE);
    const statement = some.map((_, part) => newest(`s${part}`)).join(' union all ');
    for (const row of await em.execute<StripRow[]>(statement, [...some])) {
      strips.get(row.code)?.push({
        id: Number(row.id),
        status: row.status,
        startTime: new Date(row.start_time),
        endTime: row.end_time === null ? null : new Date(row.end_time),
      });
    }
  }
  for (const strip of strips.values()) {
    strip.sort((one, other) => one.startTime.getTime() - other.startTime.getTime() || one.id - other.id);
  }
  return strips;
}
