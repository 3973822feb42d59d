import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** The runs of a job that started within one quarter of an hour with one outcome. */
export interface QuarterCount {
  /** When the quarter begins: clock changes and offsets of zones fall on full quarters, so any zone's hours are made of them. */
  readonly start: Date;
  readonly status: RunStatus;
  readonly runs: number;
}

const QUARTER = 15 * 60_000;

/** Counts the runs of one job by quarter of an hour and status. Reads each of its rows since then: for one job, not for all. */
export async function readQuarters(
  em: EntityManager,
  code: string,
  { since, now }: { readonly since: Date; readonly now: Date },
): Promise<QuarterCount[]> {
  const sql = dialectOf(em);
  const [from, to] = [since, now].map(instant => sql.instant(String(instant.getTime())));
  const quarter = sql.quotient(sql.millis('l.start_time'), QUARTER);
  const rows = await em.execute<{ quarter: number | string; status: RunStatus; runs: number | string }[]>(
    `select s.quarter, s.status, count(*) as runs from (select ${quarter} as quarter, l.status from` +
      ` ${tableName(em, CronJobLog)} l where l.code = ? and l.start_time >= ${from} and l.start_time <= ${to}) s` +
      ` group by s.quarter, s.status`,
    [code],
  );
  return rows.map(row => ({
    start: new Date(Number(row.quarter) * QUARTER),
    status: row.status,
    runs: Number(row.runs),
  }));
}
