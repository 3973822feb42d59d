import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunTrigger } from '../history/CronJobLog.ts';

interface RunningRow {
  id: number | string;
  start_time: number;
  message: string;
  ran_at_time: string | null;
  scheduled_for: number | null;
  host: string;
  pid: number;
  fence: number | string;
  run_trigger: RunTrigger | null;
  requested_by: string | null;
  request_id: string | null;
}

/** The rows of a job that stand as running. */
export async function readRunning(em: EntityManager, code: string): Promise<CronJobLog[]> {
  const sql = dialectOf(em);
  const rows = await em.execute<RunningRow[]>(
    `select r.id, ${sql.millis('r.start_time')} as start_time, r.message, r.ran_at_time,` +
      ` ${sql.millis('r.scheduled_for')} as scheduled_for, r.host, r.pid, r.fence,` +
      ` r.run_trigger, r.requested_by, r.request_id` +
      ` from ${tableName(em, CronJobLog)} r where r.code = ? and r.status = 'running' order by r.id`,
    [code],
  );
  return rows.map(row =>
    Object.assign(new CronJobLog(), {
      id: Number(row.id),
      code,
      startTime: new Date(row.start_time),
      endTime: null,
      status: 'running' as const,
      message: row.message,
      ranAtTime: row.ran_at_time,
      scheduledFor: row.scheduled_for === null ? null : new Date(row.scheduled_for),
      host: row.host,
      pid: row.pid,
      fence: Number(row.fence),
      runTrigger: row.run_trigger,
      requestedBy: row.requested_by,
      requestId: row.request_id,
    }),
  );
}

/**
 * Closes rows that dead processes left as "running".
 *
 * @param running rows of which the caller knows that no other run of their job can be going on: it holds the job's lock
 * @returns those that were closed, as they stand now
 */
export async function closeOrphans(
  em: EntityManager,
  running: readonly CronJobLog[],
  now: Date,
): Promise<CronJobLog[]> {
  const sql = dialectOf(em);
  const closed: CronJobLog[] = [];
  for (const orphan of running) {
    const started = `${orphan.host}, pid ${orphan.pid}, started ${orphan.startTime.toISOString()}`;
    const requested =
      orphan.runTrigger === 'request'
        ? ` It was requested by ${orphan.requestedBy} and is not started again; request it anew if it must run.`
        : '';
    const note = `Abandoned: its process died or lost its lock before the run ended (${started}).${requested}`;
    // Appended in the database: its text may hold what this client cannot send back.
    const { affectedRows } = await em.execute<{ affectedRows: number }>(
      `update ${tableName(em, CronJobLog)} set status = 'abandoned', end_time = ${sql.instant(String(now.getTime()))},` +
        ` message = ${sql.concat("case when message = '' then '' else " + sql.concat('message', '?') + ' end', '?')}` +
        ` where id = ? and status = 'running'`,
      ['\n', note, orphan.id],
      'run',
    );
    if (affectedRows > 0) {
      const message = orphan.message === '' ? note : `${orphan.message}\n${note}`;
      closed.push(Object.assign(orphan, { status: 'abandoned' as const, endTime: now, message }));
    }
  }
  return closed;
}
