import type { IsolationLevel } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog, type RunStatus } from '../history/CronJobLog.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';

/** How a run ended, and whose it was. */
export interface CloseRequest {
  readonly id: number;
  readonly code: string;
  /** The token and fence of its claim; `null` for a run that takes no lock. */
  readonly claim: { readonly token: string; readonly fence: number } | null;
  readonly status: Exclude<RunStatus, 'running'>;
  readonly endTime: Date;
  readonly message: string;
  /** Whether the lock is given back with it; a job that would not settle keeps it until it has, or the lease ends. */
  readonly unlock: boolean;
}

/** The outcome of a close. */
export interface Closed {
  /** Whether the outcome stands in the row: `false` when it no longer stood as running, or the lock was not ours. */
  readonly isWritten: boolean;
  /** Whether the lock was ours, and is free now. */
  readonly isReleased: boolean;
}

/**
 * Writes outcomes and gives locks back, where owner and fence are still those of the claim; by id. What takes several
 * statements is done in a transaction: it is repeated when one of them fails, and must find nothing half done.
 */
export async function closeRuns(em: EntityManager, requests: readonly CloseRequest[]): Promise<Map<number, Closed>> {
  const { hasWritableWith, hasRowLocks, claimIsolation } = dialectOf(em);
  const locked = requests.filter(({ claim }) => claim !== null);
  const turns = hasWritableWith ? Math.min(locked.length, 1) : locked.length * (hasRowLocks ? 1 : 2);
  return turns + requests.length - locked.length > 1
    ? em.transactional(async transaction => closeEach(transaction as EntityManager, requests), {
        isolationLevel: claimIsolation as IsolationLevel,
      })
    : closeEach(em, requests);
}

async function closeEach(em: EntityManager, requests: readonly CloseRequest[]): Promise<Map<number, Closed>> {
  const sql = dialectOf(em);
  const claimed = requests.filter(({ claim }) => claim !== null);
  const closed = new Map<number, Closed>();
  if (claimed.length > 0 && sql.hasWritableWith) {
    await closeAtOnce(em, claimed, closed);
  } else {
    for (const request of claimed) {
      closed.set(request.id, await (sql.hasRowLocks ? closeByJoin(em, request) : closeByTurns(em, request)));
    }
  }
  for (const request of requests.filter(({ claim }) => claim === null)) {
    const isWritten = await writeOutcome(em, request, '', []);
    closed.set(request.id, { isWritten, isReleased: false });
  }
  return closed;
}

/** Whether an earlier close was written, and only its answer was lost; `undefined` when it was not. */
export async function readClosed(
  em: EntityManager,
  { id, code, status, endTime, claim, unlock }: CloseRequest,
): Promise<Closed | undefined> {
  const sql = dialectOf(em);
  const [row] = await em.execute<{ status: string; end_time: number | null; owner: string | null }[]>(
    `select r.status, ${sql.millis('r.end_time')} as end_time, k.owner from ${tableName(em, CronJobLog)} r` +
      ` left join ${tableName(em, CronJobLock)} k on k.code = ? where r.id = ?`,
    [code, id],
  );
  if (row?.status !== status || row.end_time !== endTime.getTime()) {
    return undefined;
  }
  const isReleased = claim !== null && unlock && row.owner !== claim.token;
  // Written by its own first half only, where the two are two statements: the close is made again for the lock.
  return claim !== null && unlock && !isReleased ? undefined : { isWritten: true, isReleased };
}

/** All of them in one statement. */
async function closeAtOnce(
  em: EntityManager,
  requests: readonly CloseRequest[],
  closed: Map<number, Closed>,
): Promise<void> {
  const sql = dialectOf(em);
  const [log, lock] = [tableName(em, CronJobLog), tableName(em, CronJobLock)];
  const typed = '(?::bigint, ?::text, ?::text, ?::bigint, ?::text, ?::float8, ?::text, ?::boolean)';
  const values = requests.map((_, at) => (at === 0 ? typed : '(?, ?, ?, ?, ?, ?, ?, ?)')).join(', ');
  const marks = requests.map(() => '?').join(', ');
  const rows = await em.execute<{ part: string; id: number | string }[]>(
    `with d (id, code, owner, fence, status, end_time, message, unlock) as (values ${values}),` +
      ` held as (select l.code from ${lock} l join d on d.code = l.code where l.code in (${marks})` +
      ` and l.owner = d.owner and l.fence = d.fence for update of l),` +
      ` written as (update ${log} g set status = d.status, end_time = ${sql.instant('d.end_time')}, message = d.message` +
      ` from d join held h on h.code = d.code where g.id in (${marks}) and g.id = d.id and g.status = 'running' returning g.id),` +
      ` freed as (update ${lock} l set owner = null from d join held h on h.code = d.code` +
      ` where l.code = d.code and d.unlock returning d.id)` +
      ` select 'written' as part, id from written union all select 'freed', id from freed`,
    [
      ...requests.flatMap(({ id, code, claim, status, endTime, message, unlock }) => [
        ...[id, code, claim!.token, claim!.fence],
        ...[status, endTime.getTime(), message, unlock],
      ]),
      ...requests.map(({ code }) => code),
      ...requests.map(({ id }) => id),
    ],
  );
  const has = (part: string, id: number) => rows.some(row => row.part === part && Number(row.id) === id);
  for (const { id } of requests) {
    closed.set(id, { isWritten: has('written', id), isReleased: has('freed', id) });
  }
}

/** Both in one UPDATE over both tables (MySQL, MariaDB). */
async function closeByJoin(em: EntityManager, request: CloseRequest): Promise<Closed> {
  const { id, code, claim, status, endTime, message, unlock } = request;
  const sql = dialectOf(em);
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    `update ${tableName(em, CronJobLock)} l left join ${tableName(em, CronJobLog)} g on g.id = ? and g.status = 'running'` +
      ` set g.status = ?, g.end_time = ${sql.instant(String(endTime.getTime()))}, g.message = ?${unlock ? ', l.owner = null' : ''}` +
      ` where l.code = ? and l.owner = ? and l.fence = ?`,
    [id, status, message, code, claim!.token, claim!.fence],
    'run',
  );
  // The row of the lock changes for sure when it is given back.
  return { isWritten: affectedRows === (unlock ? 2 : 1), isReleased: unlock && affectedRows > 0 };
}

/** In two statements, outcome first: a process that finds the lock free must find the outcome too (SQLite). */
async function closeByTurns(em: EntityManager, request: CloseRequest): Promise<Closed> {
  const { code, claim, unlock } = request;
  const lock = tableName(em, CronJobLock);
  const condition = `and exists (select 1 from ${lock} l where l.code = ? and l.owner = ? and l.fence = ?)`;
  const isWritten = await writeOutcome(em, request, condition, [code, claim!.token, claim!.fence]);
  if (!unlock) {
    return { isWritten, isReleased: false };
  }
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    `update ${lock} set owner = null where code = ? and owner = ? and fence = ?`,
    [code, claim!.token, claim!.fence],
    'run',
  );
  return { isWritten, isReleased: affectedRows > 0 };
}

async function writeOutcome(
  em: EntityManager,
  { id, status, endTime, message }: CloseRequest,
  condition: string,
  values: readonly unknown[],
): Promise<boolean> {
  const sql: Dialect = dialectOf(em);
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    `update ${tableName(em, CronJobLog)} set status = ?, end_time = ${sql.instant(String(endTime.getTime()))},` +
      ` message = ? where id = ? and status = 'running' ${condition}`,
    [status, message, id, ...values],
    'run',
  );
  return affectedRows > 0;
}
