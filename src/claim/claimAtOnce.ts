import { hostname } from 'node:os';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import {
  newestRun,
  previousSuccessColumns,
  type PreviousSuccessRow,
  toPreviousSuccess,
} from '../history/readHistory.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import { CronJobState } from '../state/CronJobState.ts';
import { triggerOf } from '../state/decideJob.ts';
import { stateText } from '../state/JobState.ts';
import { NO_REQUEST } from '../state/StateStore.ts';
import type { Clock } from '../util/clock.ts';
import type { ClaimedRun, ClaimRequest } from './Claim.ts';
import { originOf } from './insertRun.ts';
import { FRESH_GUARD } from './readTick.ts';

interface ClaimedRow extends PreviousSuccessRow {
  id: number | string;
  code: string;
  fence: number | string;
  start_time: number;
}

/**
 * Claims in one statement the jobs whose guard and state still are what was read with their history: locks their rows with
 * `FOR UPDATE SKIP LOCKED`, raises the fence, and writes the rows "running". Those whose guard has changed, or whose row
 * another session has locked, are left out of the result; nothing has happened to them.
 *
 * The snapshot of this statement decides nothing: the newest version of each lock row does, since a row that has changed
 * is checked again once it is locked, and an unchanged guard means an unchanged history. What people set is compared as of
 * this statement: a pause that was set before it holds. A request is taken by the claim that carries it out. For databases
 * with data-modifying `WITH` (PostgreSQL, PGlite).
 */
export async function claimAtOnce(
  em: EntityManager,
  requests: readonly ClaimRequest[],
  clock: Clock | undefined,
): Promise<Map<string, ClaimedRun>> {
  const sql = dialectOf(em);
  const [log, lock] = [tableName(em, CronJobLog), tableName(em, CronJobLock)];
  const state = tableName(em, CronJobState);
  const now = nowSql(sql, clock);
  const consumed = requests.some(({ decision }) => originOf(decision).requestId !== null)
    ? ` consumed as (update ${state} s set ${NO_REQUEST} from taken t join free f on f.code = t.code` +
      ` where s.code = t.code and s.request_id = f.request_id),`
    : '';
  const newestSuccess = newestRun(log, 's.code', now, `and status = 'succeeded'`);
  const rows = await em.execute<ClaimedRow[]>(
    `with w (code, fence, owner, locked_at, token, lease, is_free, scheduled_for, ran_at_time, own_state, state_of_all,` +
      ` run_trigger, requested_by, request_id, queued_at, arguments) as (values ${wanted(requests)}),` +
      ` free as (select w.* from ${lock} l join w on w.code = l.code` +
      ` left join ${state} o on o.code = l.code left join ${state} a on a.code = '*'` +
      ` where ${stateText(sql, 'o')} is not distinct from w.own_state` +
      ` and ${stateText(sql, 'a')} is not distinct from w.state_of_all and l.code in (${requests.map(() => '?').join(', ')}) and l.fence = w.fence` +
      ` and l.owner is not distinct from w.owner and ${sql.millis('l.locked_at')} is not distinct from w.locked_at` +
      ` and (w.is_free or l.owner is null or l.locked_until <= ${now}) for update of l skip locked),` +
      ` taken as (update ${lock} l set owner = f.token, host = ?, pid = ?, locked_at = ${now},` +
      ` locked_until = ${sql.instant(`${sql.millis(now)} + f.lease`)}, fence = l.fence + 1` +
      ` from free f where l.code = f.code returning l.code, l.fence),` +
      consumed +
      ` started as (insert into ${log} (code, start_time, status, message, ran_at_time, scheduled_for, host, pid, fence,` +
      ` run_trigger, requested_by, request_id, queued_at, arguments)` +
      ` select t.code, ${now}, 'running', '', f.ran_at_time, ${sql.instant('f.scheduled_for')}, ?, ?, t.fence,` +
      ` f.run_trigger, f.requested_by, f.request_id, ${sql.instant('f.queued_at')}, f.arguments` +
      ` from taken t join free f on f.code = t.code returning id, code, fence, start_time)` +
      ` select s.id, s.code, s.fence, ${sql.millis('s.start_time')} as start_time, ${previousSuccessColumns(sql, 'p')}` +
      ` from started s ${sql.joinFirst('p', newestSuccess)}`,
    [
      ...requests.flatMap(wantedValues),
      ...requests.map(({ job }) => job.code),
      hostname(),
      process.pid,
      hostname(),
      process.pid,
    ],
  );
  const byCode = new Map(requests.map(request => [request.job.code, request]));
  return new Map(rows.map(row => [row.code, claimedRun(byCode.get(row.code)!, row)]));
}

/** The first row of values gives the columns their types. */
function wanted(requests: readonly ClaimRequest[]): string {
  const typed =
    '(?::text, ?::bigint, ?::text, ?::float8, ?::text, ?::float8, ?::boolean, ?::float8, ?::text,' +
    ' ?::text, ?::text, ?::text, ?::text, ?::text, ?::float8, ?::text)';
  return requests.map((_, at) => (at === 0 ? typed : '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')).join(', ');
}

function wantedValues({ job, token, leaseSeconds, reading, decision, isLockedElsewhere }: ClaimRequest): unknown[] {
  const { fence, owner, lockedAt } = reading.guard ?? FRESH_GUARD;
  const slot = decision.scheduledFor?.getTime() ?? null;
  const { own, ofAll } = reading.state.read;
  const { requestedBy, requestId, queuedAt, arguments: args } = originOf(decision);
  return [
    ...[job.code, fence, owner, lockedAt, token, leaseSeconds * 1_000, isLockedElsewhere, slot, decision.ranAtTime],
    ...[own, ofAll, triggerOf(decision), requestedBy, requestId, queuedAt?.getTime() ?? null, args],
  ];
}

function claimedRun({ job, token, decision }: ClaimRequest, row: ClaimedRow): ClaimedRun {
  const fence = Number(row.fence);
  const log = startedLog(job.code, decision, { id: Number(row.id), startTime: new Date(row.start_time), fence });
  return {
    kind: 'claimed',
    log,
    token,
    fence,
    decision,
    previousSuccess: toPreviousSuccess(job.code, row),
    abandoned: [],
  };
}

/** The row "running" as it has just been written. */
export function startedLog(
  code: string,
  decision: ClaimRequest['decision'],
  rest: { readonly id: number; readonly startTime: Date; readonly fence: number },
): CronJobLog {
  return Object.assign(new CronJobLog(), {
    code,
    ...rest,
    endTime: null,
    status: 'running' as const,
    message: '',
    ranAtTime: decision.ranAtTime,
    scheduledFor: decision.scheduledFor,
    host: hostname(),
    pid: process.pid,
    runTrigger: triggerOf(decision),
    ...originOf(decision),
    missedSlots: null,
  });
}
