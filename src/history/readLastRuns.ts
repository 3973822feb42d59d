import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog } from './CronJobLog.ts';
import { type HistoryOf, type HistoryRow, historyParts, type JobHistory, toHistories } from './readHistory.ts';

/** A job's past as people ask for it: what its schedule needs, the newest run and how it has failed. */
export interface LastRun {
  readonly history: JobHistory;
  /** The newest run; `null` before the first. Its `message` is not read and empty. */
  readonly log: CronJobLog | null;
  /** Runs that ended badly since the last success. */
  readonly failureStreak: number;
}

/** The past of some jobs and the instant as of which it is true. */
export interface LastRunsReading {
  readonly now: Date;
  /** By code. Every code asked for is there. */
  readonly jobs: ReadonlyMap<string, LastRun>;
}

interface LastRunRow extends HistoryRow {
  id: number | string | null;
  end_time: number | null;
  ran_at_time: string | null;
  scheduled_for: number | null;
  host: string;
  pid: number;
  streak: number | string;
}

/**
 * Reads the past, the newest run and the failure streak of all these jobs in one statement. The newest run is the top of an
 * index, and the streak is counted in an index, over no more rows than it is long.
 */
export async function readLastRuns(
  em: EntityManager,
  jobs: readonly HistoryOf[],
  clock: Clock | undefined,
): Promise<LastRunsReading> {
  const sql = dialectOf(em);
  const log = tableName(em, CronJobLog);
  const now = nowSql(sql, clock);
  const { columns, joins, codes } = historyParts(sql, log, now, jobs);
  const rows = await em.execute<LastRunRow[]>(
    `select ${columns}, l.id, ${sql.millis('l.end_time')} as end_time, l.ran_at_time,` +
      ` ${sql.millis('l.scheduled_for')} as scheduled_for,` +
      ` l.host, l.pid, case when l.id is null or l.status = 'succeeded' then 0 else` +
      ` (select count(*) from ${log} f where f.code = c.code and f.status in ('failed', 'timed_out', 'abandoned')` +
      ` and f.start_time > coalesce(p.start_time, ${sql.instant('0')}) and f.start_time <= ${now}) end as streak` +
      ` from ${sql.codes('?')} c ${joins}`,
    [codes],
  );
  const histories = toHistories(rows, jobs);
  const toLastRun = (row: LastRunRow): LastRun => ({
    history: histories.get(row.code)!,
    log: logOf(row),
    failureStreak: Number(row.streak),
  });
  return { now: new Date(rows[0]?.now ?? Date.now()), jobs: new Map(rows.map(row => [row.code, toLastRun(row)])) };
}

function logOf(row: LastRunRow): CronJobLog | null {
  const { id, last_status: status, last_start: start } = row;
  if (id === null || status === null || start === null) {
    return null;
  }
  return Object.assign(new CronJobLog(), {
    id: Number(id),
    code: row.code,
    status: status,
    startTime: new Date(start),
    endTime: row.end_time === null ? null : new Date(row.end_time),
    message: '',
    ranAtTime: row.ran_at_time,
    scheduledFor: row.scheduled_for === null ? null : new Date(row.scheduled_for),
    host: row.host,
    pid: row.pid,
  });
}
