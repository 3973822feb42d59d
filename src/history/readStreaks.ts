import type { EntityManager } from '@mikro-orm/sql';
import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from './CronJobLog.ts';

/** A job whose streaks are asked for. */
export interface StreakQuestion {
  readonly code: string;
  /** How many failures make a streak. */
  readonly minNumFailures: number;
}

/** The stretch of the log that is looked at: all since an instant, and before it what may belong to a streak. */
export interface StreakWindow {
  readonly since: Date;
  readonly now: Date;
}

/** How many runs of a streak are listed. */
export const RUNS_LISTED = 20;

/** Jobs asked about in one statement: SQLite takes no expression deeper than 1,000. */
const JOBS_AT_ONCE = 200;

/** A job that has failed in the window, and where its window begins, in milliseconds. */
interface Suspect extends StreakQuestion {
  readonly from: number;
}

interface StreakRow {
  id: number | string;
  code: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  failures: number | string;
  first_start: number;
  last_start: number;
  last_end: number;
  ended_at: number | null;
}

/**
 * Reads the streaks of these jobs that are long enough, newest first.
 *
 * One statement finds the jobs that have failed at all, each value of it the top of an index or near it; a second reads
 * the runs of those, from `minNumFailures` runs before the window on, and no row of other jobs.
 */
export async function readStreaks(
  em: EntityManager,
  jobs: readonly StreakQuestion[],
  window: StreakWindow,
): Promise<Map<string, Streak[]>> {
  const [sql, log] = [dialectOf(em), tableName(em, CronJobLog)];
  const suspects = await findSuspects(em, sql, log, jobs, window);
  const streaks = new Map<string, Streak[]>();
  for (let index = 0; index < suspects.length; index += JOBS_AT_ONCE) {
    const some = suspects.slice(index, index + JOBS_AT_ONCE);
    const rows = await em.execute<StreakRow[]>(
      streakStatement(sql, log, some, window),
      some.map(({ code }) => code),
    );
    collect(rows, some, streaks);
  }
  return streaks;
}

async function findSuspects(
  em: EntityManager,
  sql: Dialect,
  log: string,
  jobs: readonly StreakQuestion[],
  { since, now }: StreakWindow,
): Promise<Suspect[]> {
  // A row limit must be a literal, so jobs with the same number are asked about together.
  const groups = [...Map.groupBy(jobs, ({ minNumFailures }) => minNumFailures)];
  if (groups.length === 0) {
    return [];
  }
  const failed = (['failed', 'timed_out', 'abandoned'] as const).map(status => {
    const where = `f.code = c.code and f.status = '${status}'`;
    return sql.millis(sql.greatestUpTo(instant(sql, now), 'f.start_time', `${log} f`, where));
  });
  const statement = groups
    .map(
      ([minNumFailures]) =>
        `select c.code, ${sql.millis(
          `(select b.start_time from ${log} b where b.code = c.code and b.start_time <= ${instant(sql, since)}` +
            ` and b.status <> 'running' order by b.start_time desc, b.id desc limit 1 offset ${minNumFailures - 1})`,
        )} as earliest, ${failed.map((value, index) => `${value} as failed_${index}`).join(', ')} from ${sql.codes('?')} c`,
    )
    .join(' union all ');
  const rows = await em.execute<Record<'code' | 'earliest' | 'failed_0' | 'failed_1' | 'failed_2', string | null>[]>(
    statement,
    groups.map(([, group]) => JSON.stringify(group.map(({ code }) => code))),
  );
  const questions = new Map(jobs.map(job => [job.code, job]));
  return rows
    .map(row => ({ ...questions.get(row.code!)!, row, from: Number(row.earliest ?? 0) }))
    .filter(({ row, from }) => {
      const failures = [row.failed_0, row.failed_1, row.failed_2].filter(value => value !== null);
      return failures.some(value => Number(value) >= from);
    });
}

/**
 * Counted from the newest run back, each failed run has behind it as many successes as the success that ended its
 * streak, that one included: so they make one part together.
 */
function streakStatement(sql: Dialect, log: string, suspects: readonly Suspect[], { now }: StreakWindow): string {
  const ranges = suspects
    .map(({ from }) => `(r.code = ? and r.start_time >= ${sql.instant(String(from))})`)
    .join(' or ');
  const part = 'over (partition by s.code, s.successes_after)';
  const isSuccess = (alias: string) => `case when ${alias}.status = 'succeeded' then 1 else 0 end`;
  const least = Math.min(...suspects.map(({ minNumFailures }) => minNumFailures));
  return (
    `select t.id, t.code, t.status, ${sql.millis('t.start_time')} as start_time, ${sql.millis('t.end_time')} as end_time,` +
    ` t.failures, ${sql.millis('t.first_start')} as first_start, ${sql.millis('t.last_start')} as last_start,` +
    ` ${sql.millis('t.last_end')} as last_end,` +
    ` ${sql.millis('t.ended_at')} as ended_at from (` +
    `select s.id, s.code, s.status, s.start_time, s.end_time, sum(1 - ${isSuccess('s')}) ${part} as failures,` +
    ` min(s.start_time) ${part} as first_start,` +
    ` max(case when s.status = 'succeeded' then null else s.start_time end) ${part} as last_start,` +
    ` max(case when s.status = 'succeeded' then null else s.end_time end) ${part} as last_end,` +
    ` max(case when s.status = 'succeeded' then s.start_time end) ${part} as ended_at,` +
    ` row_number() over (partition by s.code, s.successes_after` +
    ` order by ${isSuccess('s')}, s.start_time desc, s.id desc) as place from (` +
    `select r.id, r.code, r.status, r.start_time, r.end_time, sum(${isSuccess('r')})` +
    ` over (partition by r.code order by r.start_time desc, r.id desc) as successes_after from ${log} r` +
    ` where (${ranges}) and r.start_time <= ${instant(sql, now)} and r.status <> 'running') s) t` +
    ` where t.status <> 'succeeded' and t.place <= ${RUNS_LISTED} and t.failures >= ${least}` +
    ` order by t.code, t.start_time desc, t.id desc`
  );
}

function collect(rows: readonly StreakRow[], suspects: readonly Suspect[], streaks: Map<string, Streak[]>): void {
  const least = new Map(suspects.map(({ code, minNumFailures }) => [code, minNumFailures]));
  const long = rows.filter(({ code, failures }) => Number(failures) >= least.get(code)!);
  for (const group of Map.groupBy(long, ({ code, first_start }) => `${first_start} ${code}`).values()) {
    const [{ code, failures, first_start, last_start, last_end, ended_at }] = group as [StreakRow];
    const streak: Streak = {
      failures: Number(failures),
      firstStart: new Date(first_start),
      lastStart: new Date(last_start),
      lastEnd: new Date(last_end),
      endedAt: ended_at === null ? null : new Date(ended_at),
      runs: group.map(failedRun),
    };
    streaks.set(code, [...(streaks.get(code) ?? []), streak]);
  }
}

function failedRun({ id, status, start_time, end_time }: StreakRow): FailedRun {
  return {
    id: Number(id),
    status,
    startTime: new Date(start_time),
    endTime: end_time === null ? null : new Date(end_time),
  };
}

function instant(sql: Dialect, date: Date): string {
  return sql.instant(String(date.getTime()));
}

/** A failed run as a streak lists it. */
export interface FailedRun {
  readonly id: number;
  readonly status: RunStatus;
  readonly startTime: Date;
  readonly endTime: Date | null;
}

/** Finished runs of one job that failed (failed, timed out, abandoned) with no success between them, by start. */
export interface Streak {
  /** How many the log still has of them, at least since the last check. */
  readonly failures: number;
  /** Start of the oldest of them. */
  readonly firstStart: Date;
  /** Start of the newest of them. */
  readonly lastStart: Date;
  /** When the last of them to end did. */
  readonly lastEnd: Date;
  /** Start of the success that ended the streak; `null` while it goes on. */
  readonly endedAt: Date | null;
  /** The newest of them, newest first. */
  readonly runs: readonly FailedRun[];
}
