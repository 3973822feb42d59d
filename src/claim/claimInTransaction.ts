import { hostname } from 'node:os';
import type { IsolationLevel } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { readHistory } from '../history/readHistory.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import { StateStore } from '../state/StateStore.ts';
import type { Clock } from '../util/clock.ts';
import type { ClaimRequest, ClaimResult } from './Claim.ts';
import { startedLog } from './claimAtOnce.ts';
import { closeOrphans, readRunning } from './closeOrphans.ts';
import { insertRun, originOf } from './insertRun.ts';
import { FRESH_GUARD, guardOf, holderOf, isSameGuard, lockColumns, type LockRow, readTick } from './readTick.ts';

/**
 * Claims in a short transaction: locks the free rows among those asked for with `SELECT … FOR UPDATE SKIP LOCKED`, then,
 * job by job, in statements of their own: closes what dead processes left as "running", reads history and state again,
 * decides again, takes the request, raises the fence and writes the row "running".
 *
 * A statement later than the lock sees all that was committed before it, which the locking statement's own snapshot does
 * not. A live holder's row is never locked, since its heartbeat would wait. Where there are no row locks (SQLite), the
 * transaction begins with a write, which no two transactions do at once.
 */
export async function claimInTransaction(
  em: EntityManager,
  requests: readonly ClaimRequest[],
  clock: Clock | undefined,
): Promise<Map<string, ClaimResult>> {
  const sql = dialectOf(em);
  return em.transactional(
    async transaction => {
      for (const statement of sql.limitTransaction ?? []) {
        await transaction.execute(statement);
      }
      const claims = new Claims(transaction as EntityManager, clock);
      const rows = await claims.lockRows(requests);
      const results = new Map<string, ClaimResult>();
      for (const request of requests) {
        const row = rows.get(request.job.code);
        results.set(request.job.code, row ? await claims.claim(request, row) : { kind: 'locked', holder: null });
      }
      return results;
    },
    { isolationLevel: sql.claimIsolation as IsolationLevel },
  );
}

/** The values that a claim starts a run with. */
interface Start {
  readonly decision: ClaimRequest['decision'];
  readonly startTime: Date;
  readonly abandoned: readonly CronJobLog[];
  readonly previousSuccess: CronJobLog | null;
}

/** A lock row, and when it was locked. */
type LockedRow = LockRow & { now: number };

class Claims {
  readonly #em: EntityManager;
  readonly #clock: Clock | undefined;
  readonly #lock: string;

  constructor(em: EntityManager, clock: Clock | undefined) {
    this.#em = em;
    this.#clock = clock;
    this.#lock = tableName(em, CronJobLock);
  }

  /** The rows that are free, locked; another backend's jobs count as free. */
  async lockRows(requests: readonly ClaimRequest[]): Promise<Map<string, LockedRow>> {
    const sql = dialectOf(this.#em);
    const { hasRowLocks } = sql;
    const now = this.#now();
    const codes = requests.map(({ job }) => job.code).toSorted();
    const list = codes.map(() => '?').join(', ');
    const elsewhere = requests.filter(({ isLockedElsewhere }) => isLockedElsewhere).map(({ job }) => job.code);
    const isElsewhere = elsewhere.length > 0 ? `or code in (${elsewhere.map(() => '?').join(', ')})` : '';
    const tokens = requests.map(({ token }) => token);
    // A row that bears our own token is that of an earlier try whose answer was lost.
    const condition =
      `code in (${list}) and (owner is null or locked_until <= ${now} ${isElsewhere}` +
      ` or owner in (${tokens.map(() => '?').join(', ')}))`;
    const columns = `code, ${lockColumns(this.#em, '', now)}, ${sql.millis(now)} as now`;
    const rows = await this.#em.execute<LockedRow[]>(
      hasRowLocks
        ? `select ${columns} from ${this.#lock} where ${condition} order by code for update skip locked`
        : `update ${this.#lock} set fence = fence where ${condition} returning ${columns}`,
      [...codes, ...elsewhere, ...tokens],
    );
    return new Map(rows.map(row => [row.code, row]));
  }

  async claim(request: ClaimRequest, row: LockedRow): Promise<ClaimResult> {
    const { job, reading, token } = request;
    if (row.owner === token) {
      const earlier = await this.#earlierTry(request, row);
      if (earlier) {
        return earlier;
      }
    }
    const isUnchanged = isSameGuard(guardOf(row), reading.guard ?? FRESH_GUARD);
    // The other backend's lock was taken after its guard was read: a changed guard means that somebody else had it since.
    if (request.isLockedElsewhere && !isUnchanged) {
      return { kind: 'locked', holder: holderOf({ ...row, is_live: 1 }) };
    }
    const hasRunning = !isUnchanged || reading.history.hasRunning;
    const running = hasRunning ? await readRunning(this.#em, job.code) : [];
    const abandoned = await closeOrphans(this.#em, running, new Date(row.now));
    const { now, jobs } = await readTick(this.#em, [job], this.#clock, true);
    const again = jobs.get(job.code)!;
    const decision = request.decide(again, now);
    return decision.due
      ? this.#start(request, row, {
          decision,
          startTime: now,
          abandoned,
          previousSuccess: again.history.previousSuccess,
        })
      : { kind: 'not_due', decision, abandoned };
  }

  async #start(
    request: ClaimRequest,
    row: LockedRow,
    { decision, startTime, abandoned, previousSuccess }: Start,
  ): Promise<ClaimResult> {
    const { job, token, leaseSeconds } = request;
    const sql = dialectOf(this.#em);
    const fence = Number(row.fence) + 1;
    const now = this.#now();
    const { requestId } = originOf(decision);
    if (requestId !== null) {
      await new StateStore(this.#em, this.#clock).takeRequest(job.code, requestId);
    }
    await this.#em.execute(
      `update ${this.#lock} set owner = ?, host = ?, pid = ?, locked_at = ${now},` +
        ` locked_until = ${sql.instant(`${sql.millis(now)} + ${leaseSeconds * 1_000}`)}, fence = ? where code = ?`,
      [token, hostname(), process.pid, fence, job.code],
    );
    const id = await insertRun(this.#em, { code: job.code, startTime, fence, decision });
    const log = startedLog(job.code, decision, { id, startTime, fence });
    return { kind: 'claimed', log, token, fence, decision, previousSuccess, abandoned };
  }

  /** The run that an earlier try of this very claim has started, and whose answer was lost. */
  async #earlierTry(request: ClaimRequest, row: LockedRow): Promise<ClaimResult | undefined> {
    const { job, token } = request;
    const [clock, fence] = [this.#clock, Number(row.fence)];
    const log = (await readRunning(this.#em, job.code)).find(run => run.fence === fence);
    if (!log) {
      return undefined;
    }
    const { jobs } = await readHistory(this.#em, [job], { clock, withPreviousSuccess: true });
    const decision = {
      ...request.decision,
      due: true,
      scheduledFor: log.scheduledFor,
      ranAtTime: log.ranAtTime,
      reason: request.decision.reason,
    };
    const { previousSuccess } = jobs.get(job.code)!;
    return { kind: 'claimed', log, token, fence, decision, previousSuccess, abandoned: [] };
  }

  #now(): string {
    return nowSql(dialectOf(this.#em), this.#clock);
  }
}
