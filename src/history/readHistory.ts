import type { EntityManager } from '@mikro-orm/sql';
import type { Dialect, RowsInOrder } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import type { Clock } from '../util/clock.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** A job's past as a tick needs it. */
export interface JobHistory extends ScheduleHistory {
  /** The newest success; `null` when there is none, or when it was not asked for. */
  readonly previousSuccess: CronJobLog | null;
  /** Whether rows of this job stand as running, of whatever process. */
  readonly hasRunning: boolean;
  /** When the newest success ended; `null` before the first, or when no job read with this one runs after it. */
  readonly lastSuccessEnd?: Date | null;
}

/** A job whose past is read, with that of the jobs that it runs after. */
export interface HistoryOf {
  readonly code: string;
  readonly schedule?: { readonly runsAfter?: readonly string[] };
}

/** The past of some jobs and the instant as of which it is true. */
export interface HistoryReading {
  readonly now: Date;
  /** By code. Every code asked for is there. */
  readonly jobs: ReadonlyMap<string, JobHistory>;
}

/** Options of `readHistory()`. */
export interface HistoryOptions {
  /** The clock to use instead of the database's. */
  readonly clock: Clock | undefined;
  /** Whether to bring each job's newest success whole, with its message. @default false */
  readonly withPreviousSuccess?: boolean;
}

/** What the statement gives of a job's past. */
export interface HistoryRow {
  code: string;
  now: number;
  last_status: RunStatus | null;
  last_start: number | null;
  last_success: number | null;
  last_slot: number | null;
  has_running: number;
  last_success_end?: number | null;
}

/** What it gives besides of the newest success. */
export interface PreviousSuccessRow {
  success_id: number | string | null;
  success_start: number | null;
  success_end: number | null;
  success_message: string;
  success_ran_at_time: string | null;
  success_scheduled_for: number | null;
  success_host: string;
  success_pid: number;
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
  jobs: readonly HistoryOf[],
  options: HistoryOptions,
): Promise<HistoryReading> {
  const sql = dialectOf(em);
  const parts = historyParts(sql, tableName(em, CronJobLog), nowSql(sql, options.clock), jobs);
  const previous = options.withPreviousSuccess ? `, ${previousSuccessColumns(sql, 'p')}` : '';
  const rows = await em.execute<(HistoryRow & Partial<PreviousSuccessRow>)[]>(
    `select ${parts.columns}${previous} from ${sql.codes('?')} c ${parts.joins}`,
    [parts.codes],
  );
  return { now: new Date(rows[0]?.now ?? Date.now()), jobs: toHistories(rows, jobs) };
}

/** The parts of a statement that reads the past. */
interface HistoryParts {
  readonly columns: string;
  readonly joins: string;
  /** Those of the jobs and of the jobs that they run after, for `c`. */
  readonly codes: string;
}

/**
 * Columns and joins that bring the past of each code of `c`; `p` is its newest success. The end of that is not in an index, so
 * it is read only where a job runs after others.
 */
export function historyParts(sql: Dialect, log: string, now: string, jobs: readonly HistoryOf[]): HistoryParts {
  const after = jobs.flatMap(({ schedule }) => schedule?.runsAfter ?? []);
  const newest = (alias: string, condition = '') => sql.joinFirst(alias, newestRun(log, 'c.code', now, condition));
  const slot = sql.greatestUpTo(now, 's.scheduled_for', `${log} s`, `s.code = c.code and s.status = 'succeeded'`);
  return {
    columns:
      `c.code, ${sql.millis(now)} as now, l.status as last_status, ${sql.millis('l.start_time')} as last_start,` +
      ` ${sql.millis('p.start_time')} as last_success, ${sql.millis(slot)} as last_slot,` +
      ` case when exists (select 1 from ${log} r where r.code = c.code and r.status = 'running') then 1 else 0 end` +
      ` as has_running${after.length > 0 ? `, ${sql.millis('p.end_time')} as last_success_end` : ''}`,
    joins: `${newest('l')} ${newest('p', `and status = 'succeeded'`)}`,
    codes: JSON.stringify([...new Set([...jobs.map(({ code }) => code), ...after])]),
  };
}

/** The newest run of a code, or the newest that fulfils a condition; those of a clock that was wrong are passed over. */
export function newestRun(log: string, code: string, now: string, condition = ''): RowsInOrder {
  return {
    table: log,
    where: n => `${n}.code = ${code} ${condition} and ${n}.start_time <= ${now}`,
    orderBy: n => `${n}.start_time desc, ${n}.id desc`,
  };
}

/** The columns of a newest success, whole. */
export function previousSuccessColumns(sql: Dialect, alias: string): string {
  return (
    `${alias}.id as success_id, ${sql.millis(`${alias}.start_time`)} as success_start,` +
    ` ${sql.millis(`${alias}.end_time`)} as success_end, ${alias}.message as success_message,` +
    ` ${alias}.ran_at_time as success_ran_at_time, ${sql.millis(`${alias}.scheduled_for`)} as success_scheduled_for,` +
    ` ${alias}.host as success_host, ${alias}.pid as success_pid`
  );
}

/** The rows of the statement as the pasts of jobs, by code, each with the ends of the successes that it waits for. */
export function toHistories(
  rows: readonly (HistoryRow & Partial<PreviousSuccessRow>)[],
  jobs: readonly HistoryOf[],
): Map<string, JobHistory> {
  const histories = new Map(rows.map(row => [row.code, toJobHistory(row)]));
  for (const { code, schedule } of jobs) {
    const history = histories.get(code);
    const after = schedule?.runsAfter ?? [];
    if (history && after.length > 0) {
      const successEnds = new Map(after.map(other => [other, histories.get(other)?.lastSuccessEnd ?? null]));
      histories.set(code, { ...history, successEnds });
    }
  }
  return histories;
}

/** A row of the statement as a job's past, but for that of other jobs. */
function toJobHistory(row: HistoryRow & Partial<PreviousSuccessRow>): JobHistory {
  return {
    lastRun:
      row.last_start === null
        ? null
        : { startTime: new Date(row.last_start), isSuccess: row.last_status === 'succeeded' },
    lastSuccessStart: date(row.last_success),
    lastServedSlot: date(row.last_slot),
    previousSuccess: toPreviousSuccess(row.code, row),
    hasRunning: row.has_running === 1,
    lastSuccessEnd: date(row.last_success_end),
    code: row.code,
  };
}

/** The newest success of a row; `null` when there is none, or when it was not asked for. */
export function toPreviousSuccess(code: string, row: Partial<PreviousSuccessRow>): CronJobLog | null {
  const { success_id: id, success_start: start } = row;
  if (id === undefined || id === null || start === undefined || start === null) {
    return null;
  }
  return Object.assign(new CronJobLog(), {
    id: Number(id),
    code,
    startTime: new Date(start),
    endTime: date(row.success_end),
    status: 'succeeded' as const,
    message: row.success_message ?? '',
    ranAtTime: row.success_ran_at_time ?? null,
    scheduledFor: date(row.success_scheduled_for),
    host: row.success_host ?? '',
    pid: row.success_pid ?? 0,
    fence: 0,
  });
}

function date(millis: number | null | undefined): Date | null {
  return millis === null || millis === undefined ? null : new Date(millis);
}
