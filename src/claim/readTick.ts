import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import {
  type HistoryOf,
  type HistoryRow,
  historyParts,
  type JobHistory,
  previousSuccessColumns,
  type PreviousSuccessRow,
  toHistories,
} from '../history/readHistory.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import { NO_HISTORY } from '../schedule/ScheduleHistory.ts';
import { CronJobState } from '../state/CronJobState.ts';
import { type JobState, NO_STATE, stateParts, type StateRow, toState } from '../state/JobState.ts';
import type { Clock } from '../util/clock.ts';

/**
 * What stood in a job's row of `cron_job_lock`. While all three are the same, no claim, close, release or lock of any
 * process has happened since: the fence tells claims, the owner closes, and `lockedAt` the locks of version 0.1.0, which
 * knows no fence.
 */
export interface Guard {
  readonly fence: number;
  readonly owner: string | null;
  /** In milliseconds since 1970. */
  readonly lockedAt: number | null;
}

/** The guard of a job that nobody has ever claimed. */
export const FRESH_GUARD: Guard = { fence: 0, owner: null, lockedAt: null };

/** One job as a tick finds it. */
export interface JobReading {
  readonly history: JobHistory;
  /** The pause, skip and request of the job. */
  readonly state: JobState;
  /** `null` when the job has no row yet. */
  readonly guard: Guard | null;
  /** Who holds the lease in the database; `null` when nobody does. */
  readonly holder: LockHolder | null;
}

/** All jobs as a tick finds them, at one instant. */
export interface TickReading {
  /** By the clock that schedules go by. */
  readonly now: Date;
  /** When the answer arrived, in milliseconds of `performance.now()`. */
  readonly readAt: number;
  /** By code. Every job asked for is there, and those that they run after. */
  readonly jobs: ReadonlyMap<string, JobReading>;
}

/** The columns of a row of `cron_job_lock`. */
export interface LockRow {
  code: string;
  fence: number | string;
  owner: string | null;
  lock_host: string | null;
  lock_pid: number | null;
  locked_at: number | null;
  locked_until: number | null;
  is_live: number;
}

type TickRow = HistoryRow &
  StateRow &
  Partial<PreviousSuccessRow> & { [Column in keyof LockRow]: LockRow[Column] | null } & { code: string };

/**
 * Reads history, state and guard of all these jobs, and the history of those that they run after, in one statement, so that they are of one snapshot: a claim that finds
 * the guard unchanged knows that the history is unchanged too.
 *
 * @param withPreviousSuccess whether to bring each job's newest success whole, with its message
 */
export async function readTick(
  em: EntityManager,
  of: readonly HistoryOf[],
  clock: Clock | undefined,
  withPreviousSuccess = false,
): Promise<TickReading> {
  const sql = dialectOf(em);
  const now = nowSql(sql, clock);
  const { columns, joins, codes } = historyParts(sql, tableName(em, CronJobLog), now, of);
  const state = stateParts(sql, tableName(em, CronJobState), 'c.code');
  const previous = withPreviousSuccess ? `, ${previousSuccessColumns(sql, 'p')}` : '';
  const rows = await em.execute<TickRow[]>(
    `select ${columns}${previous}, ${lockColumns(em, 'k', now)}, ${state.columns} from ${sql.codes('?')} c ${joins}` +
      ` left join ${tableName(em, CronJobLock)} k on k.code = c.code ${state.joins}`,
    [codes],
  );
  const readAt = performance.now();
  const histories = toHistories(rows as (HistoryRow & TickRow)[], of);
  const jobs = rows.map((row): [string, JobReading] => {
    const isThere = row.fence !== null;
    const lock = row as HistoryRow & LockRow;
    const guard = isThere ? guardOf(lock) : null;
    return [row.code, { history: histories.get(row.code)!, state: toState(row), guard, holder: holderOf(lock) }];
  });
  return { now: new Date(rows[0]?.now ?? clock?.now() ?? Date.now()), readAt, jobs: new Map(jobs) };
}

/** The reading of a tick that must not ask the database: jobs without a past, none of them running. */
export function unread(jobs: readonly HistoryOf[], now: Date): TickReading {
  const history: JobHistory = { ...NO_HISTORY, previousSuccess: null, hasRunning: false };
  const reading: JobReading = { history, state: NO_STATE, guard: null, holder: null };
  return { now, readAt: performance.now(), jobs: new Map(jobs.map(({ code }) => [code, reading])) };
}

/** The columns of a lock row, by the alias of its table; without one where the statement has no other. */
export function lockColumns(em: EntityManager, alias: string, now: string): string {
  const sql = dialectOf(em);
  const at = alias === '' ? '' : `${alias}.`;
  return (
    `${at}fence, ${at}owner, ${at}host as lock_host, ${at}pid as lock_pid,` +
    ` ${sql.millis(`${at}locked_at`)} as locked_at, ${sql.millis(`${at}locked_until`)} as locked_until,` +
    ` case when ${at}owner is not null and ${at}locked_until > ${now} then 1 else 0 end as is_live`
  );
}

export function guardOf({ fence, owner, locked_at: lockedAt }: LockRow): Guard {
  return { fence: Number(fence), owner, lockedAt };
}

export function isSameGuard(one: Guard, other: Guard): boolean {
  return one.fence === other.fence && one.owner === other.owner && one.lockedAt === other.lockedAt;
}

/** Who holds a live lease. */
export function holderOf(row: LockRow): LockHolder | null {
  if (!row.is_live) {
    return null;
  }
  const { lock_host: host, lock_pid: pid, locked_at: since, locked_until: until } = row;
  return { host: host ?? '', pid: pid ?? 0, since: new Date(since ?? 0), until: new Date(until ?? 0) };
}
