import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** Runs of one job with one outcome that start so close together that they are one bar. */
export interface TimelineBar {
  readonly code: string;
  readonly status: RunStatus;
  readonly runs: number;
  /** The first of them. */
  readonly id: number;
  readonly start: Date;
  /** When the last of them ended, or `now` while one is running. */
  readonly end: Date;
}

/** A stretch of the log and how fine it is looked at. */
export interface TimelineWindow {
  readonly from: Date;
  readonly to: Date;
  readonly now: Date;
  /** Milliseconds within which runs become one bar. */
  readonly stepMillis: number;
}

interface BarRow {
  code: string;
  status: RunStatus;
  runs: number | string;
  id: number | string;
  start_time: number;
  end_time: number;
}

/**
 * Reads the bars of some jobs in two statements: what started in the window, and the one run of each job that started before
 * it and may reach into it.
 */
export async function readTimeline(
  em: EntityManager,
  codes: readonly string[],
  { from, to, now, stepMillis }: TimelineWindow,
): Promise<TimelineBar[]> {
  if (codes.length === 0) {
    return [];
  }
  const sql = dialectOf(em);
  const log = tableName(em, CronJobLog);
  const instant = (date: Date) => sql.instant(String(date.getTime()));
  const ended = (alias: string) => sql.millis(`coalesce(${alias}.end_time, ${instant(now)})`);
  const parameters = [JSON.stringify(codes)];
  const within = await em.execute<BarRow[]>(
    `select s.code, s.status, count(*) as runs, min(s.id) as id, min(s.start_time) as start_time,` +
      ` max(s.end_time) as end_time from (select l.code, l.status, l.id, ${sql.millis('l.start_time')} as start_time,` +
      ` ${ended('l')} as end_time, ${sql.quotient(sql.millis('l.start_time'), stepMillis)} as step` +
      ` from ${sql.codes('?')} c join ${log} l on l.code = c.code and l.start_time >= ${instant(from)}` +
      ` and l.start_time <= ${instant(to)}) s group by s.code, s.status, s.step`,
    parameters,
  );
  const before = await em.execute<BarRow[]>(
    `select c.code, l.status, 1 as runs, l.id, ${sql.millis('l.start_time')} as start_time, ${ended('l')} as end_time` +
      ` from ${sql.codes('?')} c ${sql.joinFirst('l', {
        table: log,
        where: f => `${f}.code = c.code and ${f}.start_time < ${instant(from)}`,
        orderBy: f => `${f}.start_time desc, ${f}.id desc`,
      })} where l.id is not null and (l.end_time is null or l.end_time > ${instant(from)})`,
    parameters,
  );
  return [...before, ...within].map(row => ({
    code: row.code,
    status: row.status,
    runs: Number(row.runs),
    id: Number(row.id),
    start: new Date(Number(row.start_time)),
    end: new Date(Number(row.end_time)),
  }));
}
