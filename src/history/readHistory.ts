import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** A job's past as a tick needs it. */
export interface JobHistory extends ScheduleHistory {
  /** The newest success; `null` when there is none, or when it was not asked for. */
  readonly previousSuccess: CronJobLog | null;
  /** Whether rows of this job stand as running, of whatever process. */
  readonly hasRunning: boolean;
}

/** The past of some jobs and the instant as of which it is true. */
export interface HistoryReading {
  readonly now: Date;
  /** By code. Every code asked for is there. */
  readonly jobs: ReadonlyMap<string, JobHistory>;
}

/** How to read. */
export interface HistoryOptions {
  /** Tells the time instead of the database. */
  readonly clock: Clock | undefined;
  /** Whether to bring each job's newest success whole, with its message. @default false */
  readonly withPreviousSuccess?: boolean;
}

interface HistoryRow {
  code: string;
  now: number;
  last_status: RunStatus | null;
  last_start: number | null;
  last_success: number | null;
  last_slot: number | null;
  has_running: number;
}

interface PreviousSuccessRow {
  id: number | string;
  end_time: number | null;
  message: string;
  ran_at_time: string | null;
  scheduled_for: number | null;
  host: string;
  pid: number;
}

/**
 * Reads the past of all these jobs in one statement, with the database's time.
 *
 * Each value asked for is the top of an index, so the cost does not grow with the number of log rows. A row that starts
 * in the future (of a clock that was wrong) is passed over; a served slot counts whenever its run started, so that a
 * clock set back does not run it again.
 */
export async function readHistory(
  em: EntityManager,
  orm: MikroORM,
  codes: readonly string[],
  options: HistoryOptions,
): Promise<HistoryReading> {
  const sql = dialectOf(orm);
  const now = options.clock ? sql.instant(String(options.clock.now().getTime())) : sql.now;
  const statement = historyStatement(sql, tableName(orm, CronJobLog), now, options.withPreviousSuccess ?? false);
  const rows = await em.execute<(HistoryRow & Partial<PreviousSuccessRow>)[]>(statement, [JSON.stringify(codes)]);
  return { now: new Date(rows[0]?.now ?? Date.now()), jobs: new Map(rows.map(row => [row.code, jobHistory(row)])) };
}

function historyStatement(sql: Dialect, log: string, now: string, withPreviousSuccess: boolean): string {
  const newest = (alias: string, condition = '') =>
    sql.joinFirst(alias, {
      table: log,
      where: n => `${n}.code = c.code ${condition} and ${n}.start_time <= ${now}`,
      orderBy: n => `${n}.start_time desc, ${n}.id desc`,
    });
  const slot = sql.greatestUpTo(now, 's.scheduled_for', `${log} s`, `s.code = c.code and s.status = 'succeeded'`);
  const previous = withPreviousSuccess
    ? `, p.id, ${sql.millis('p.end_time')} as end_time, p.message, p.ran_at_time,` +
      ` ${sql.millis('p.scheduled_for')} as scheduled_for, p.host, p.pid`
    : '';
  return (
    `select c.code, ${sql.millis(now)} as now, l.status as last_status, ${sql.millis('l.start_time')} as last_start,` +
    ` ${sql.millis('p.start_time')} as last_success, ${sql.millis(slot)} as last_slot,` +
    ` case when exists (select 1 from ${log} r where r.code = c.code and r.status = 'running') then 1 else 0 end` +
    ` as has_running${previous}` +
    ` from ${sql.codes('?')} c` +
    ` ${newest('l')} ${newest('p', `and status = 'succeeded'`)}`
  );
}

function jobHistory(row: HistoryRow & Partial<PreviousSuccessRow>): JobHistory {
  return {
    lastRun:
      row.last_start === null
        ? null
        : { startTime: new Date(row.last_start), isSuccess: row.last_status === 'succeeded' },
    lastSuccessStart: date(row.last_success),
    lastServedSlot: date(row.last_slot),
    previousSuccess: previousSuccess(row),
    hasRunning: row.has_running === 1,
  };
}

function previousSuccess(row: HistoryRow & Partial<PreviousSuccessRow>): CronJobLog | null {
  if (row.id === undefined || row.id === null || row.last_success === null) {
    return null;
  }
  return Object.assign(new CronJobLog(), {
    id: Number(row.id),
    code: row.code,
    startTime: new Date(row.last_success),
    endTime: date(row.end_time),
    status: 'succeeded' as const,
    message: row.message,
    ranAtTime: row.ran_at_time,
    scheduledFor: date(row.scheduled_for),
    host: row.host,
    pid: row.pid,
  });
}

function date(millis: number | null | undefined): Date | null {
  return millis === null || millis === undefined ? null : new Date(millis);
}
