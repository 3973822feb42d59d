import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { isTransient } from '../database/isTransient.ts';
import { tableName } from '../database/ourTables.ts';
import type { OwnConnection } from '../database/OwnConnection.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import type { HistoryOf } from '../history/readHistory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import { StateStore } from '../state/StateStore.ts';
import type { Clock } from '../util/clock.ts';
import type { ClaimRequest, ClaimResult } from './Claim.ts';
import { claimAtOnce, startedLog } from './claimAtOnce.ts';
import { claimInTransaction } from './claimInTransaction.ts';
import { closeOrphans, readRunning } from './closeOrphans.ts';
import { insertRun, originOf, type RunStart } from './insertRun.ts';
import { readTick, type TickReading } from './readTick.ts';

/** How often a claim is tried when its connection or a deadlock fails it. */
const TRIES = 3;

/** Why a request is not carried out that another process has taken. */
const TAKEN = 'the request was carried out by another process';

/** A claim that could not be made; it may still have been written, and then its lease ends by itself. */
export interface FailedClaim {
  readonly kind: 'broken';
  readonly error: unknown;
}

/**
 * Reads and claims, on a connection of the package's own.
 *
 * Claims that can be made at once are: in one statement where the database can, while nothing has changed since the tick
 * read. All others go through a transaction that locks, closes orphans, reads again and decides again.
 */
export class Claimer {
  readonly #orm: MikroORM;
  readonly #connection: OwnConnection;
  readonly #clock: Clock | undefined;

  constructor(orm: MikroORM, connection: OwnConnection, clock: Clock | undefined) {
    this.#orm = orm;
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Reads history, state and guards of these jobs in one statement. */
  async read(jobs: readonly HistoryOf[]): Promise<TickReading> {
    return this.#connection.run(async em => readTick(em, jobs, this.#clock));
  }

  /** Gives jobs that have none their row in `cron_job_lock`, in order of code, so that no two processes wait in a circle. */
  async insertGuards(codes: readonly string[]): Promise<void> {
    const sql = dialectOf(this.#orm);
    const rows = codes.map(() => `(?, '', 0)`).join(', ');
    const insert = `insert into ${tableName(this.#orm.em, CronJobLock)} (code, host, pid) values ${rows}`;
    const sorted = codes.toSorted();
    await this.#connection.run(async em => em.execute(sql.insertIgnore(insert), sorted, 'run'));
  }

  /** Claims jobs together; what fails for one is tried again for each by itself. Never throws. */
  async claim(requests: readonly ClaimRequest[]): Promise<Map<string, ClaimResult | FailedClaim>> {
    const results = new Map<string, ClaimResult | FailedClaim>();
    const atOnce = requests.filter(({ reading }) => !reading.history.hasRunning);
    if (atOnce.length > 0 && dialectOf(this.#orm).hasWritableWith) {
      const claimed = await this.#connection
        .run(async em => claimAtOnce(em, atOnce, this.#clock))
        .catch(() => new Map<string, ClaimResult>());
      claimed.forEach((run, code) => results.set(code, run));
    }
    const rest = requests.filter(({ job }) => !results.has(job.code));
    if (rest.length > 0) {
      try {
        (await this.#inTransaction(rest)).forEach((result, code) => results.set(code, result));
      } catch {
        for (const request of rest) {
          results.set(request.job.code, await this.#alone(request));
        }
      }
    }
    return results;
  }

  /**
   * Starts a run of a job whose runs may overlap: it takes no lock, so it closes only rows of which it is sure.
   *
   * @param isDead which of the rows "running" those are
   */
  async startParallel(
    job: CronJobBase,
    decide: ClaimRequest['decide'],
    isDead: (run: CronJobLog, now: Date) => boolean,
  ): Promise<ClaimResult> {
    return this.#connection.run(async em => {
      const read = async () => readTick(em, [job], this.#clock, true);
      const before = await read();
      const { hasRunning } = before.jobs.get(job.code)!.history;
      const running = hasRunning ? await readRunning(em, job.code) : [];
      const dead = running.filter(run => isDead(run, before.now));
      const abandoned = await closeOrphans(em, dead, before.now);
      const { now, jobs } = abandoned.length > 0 ? await read() : before;
      const reading = jobs.get(job.code)!;
      const decision = decide(reading, now);
      if (!decision.due) {
        return { kind: 'not_due', decision, abandoned };
      }
      const start = { code: job.code, startTime: now, fence: 0, decision };
      const { requestId } = originOf(decision);
      const id = requestId === null ? await insertRun(em, start) : await this.#insertRequested(em, start, requestId);
      if (id === null) {
        return { kind: 'not_due', decision: { ...decision, due: false, isHeld: true, reason: TAKEN }, abandoned };
      }
      const log = startedLog(job.code, decision, { id, startTime: now, fence: 0 });
      return {
        kind: 'claimed',
        log,
        token: '',
        fence: 0,
        decision,
        previousSuccess: reading.history.previousSuccess,
        abandoned,
      };
    });
  }

  /** No lock keeps two processes from the same request: who takes it out of its row runs it; `null` for the others. */
  async #insertRequested(em: EntityManager, start: RunStart, requestId: string): Promise<number | null> {
    return em.transactional(async transaction => {
      const inside = transaction as EntityManager;
      const isTaken = await new StateStore(inside, this.#clock).takeRequest(start.code, requestId);
      return isTaken ? insertRun(inside, start) : null;
    });
  }

  async #inTransaction(requests: readonly ClaimRequest[]): Promise<Map<string, ClaimResult>> {
    return this.#connection.run(async em => claimInTransaction(em, requests, this.#clock));
  }

  async #alone(request: ClaimRequest): Promise<ClaimResult | FailedClaim> {
    for (let tries = 1, wait = 50; ; tries++, wait *= 3) {
      try {
        return (await this.#inTransaction([request])).get(request.job.code)!;
      } catch (error) {
        if (tries === TRIES || !isTransient(error)) {
          return { kind: 'broken', error };
        }
        await delay(wait);
      }
    }
  }
}
