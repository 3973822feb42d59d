import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** What people ask of a job's past beyond what its schedule needs. */
export interface LastRun {
  /** The newest run; `null` before the first. Its `message` is not read and empty. */
  readonly log: CronJobLog | null;
  /** Runs that ended badly since the last success. */
  readonly failureStreak: number;
}

interface LastRunRow {
  code: string;
  id: number | string | null;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  ran_at_time: string | null;
  scheduled_for: number | null;
  host: string;
  pid: number;
  streak: number | string;
}

/**
 * Reads the newest run and the failure streak of all these jobs in one statement. The newest run is the top of an index,
 * and the streak is counted in an index, over no more rows than it is long.
 *
 * @param now runs that start after it, of a clock that was wrong, are passed over, as by schedules
 */
export async function readLastRuns(
  em: EntityManager,
  codes: readonly string[],
  now: Date,
): Promise<Map<string, LastRun>> {
  const sql = dialectOf(em);
  const log = tableName(em, CronJobLog);
  const until = sql.instant(String(now.getTime()));
  const newest = (alias: string, condition = '') =>
    sql.joinFirst(alias, {
      table: log,
      where: n => `${n}.code = c.code ${condition} and ${n}.start_time <= ${until}`,
      orderBy: n => `${n}.start_time desc, ${n}.id desc`,
    });
  const rows = await em.execute<LastRunRow[]>(
    `select c.code, l.id, l.status, ${sql.millis('l.start_time')} as start_time,` +
      ` ${sql.millis('l.end_time')} as end_time, l.ran_at_time, ${sql.millis('l.scheduled_for')} as scheduled_for,` +
      ` l.host, l.pid, case when l.id is null or l.status = 'succeeded' then 0 else` +
      ` (select count(*) from ${log} f where f.code = c.code and f.status in ('failed', 'timed_out', 'abandoned')` +
      ` and f.start_time > coalesce(p.start_time, ${sql.instant('0')}) and f.start_time <= ${until}) end as streak` +
      ` from ${sql.codes('?')} c ${newest('l')} ${newest('p', `and status = 'succeeded'`)}`,
    [JSON.stringify(codes)],
  );
  return new Map(rows.map(row => [row.code, { log: logOf(row), failureStreak: Number(row.streak) }]));
}

function logOf(row: LastRunRow): CronJobLog | null {
  if (row.id === null) {
    return null;
  }
  return Object.assign(new CronJobLog(), {
    id: Number(row.id),
    code: row.code,
    status: row.status,
    startTime: new Date(row.start_time),
    endTime: row.end_time === null ? null : new Date(row.end_time),
    message: '',
    ranAtTime: row.ran_at_time,
    scheduledFor: row.scheduled_for === null ? null : new Date(row.scheduled_for),
    host: row.host,
    pid: row.pid,
  });
}
