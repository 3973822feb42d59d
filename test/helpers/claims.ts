import { randomUUID } from 'node:crypto';
import type { EntityManager, SqlMikroORM } from '@mikro-orm/sql';
import type { ClaimedRun, ClaimRequest, ClaimResult } from '../../src/claim/Claim.ts';
import { Claimer } from '../../src/claim/Claimer.ts';
import type { CloseRequest } from '../../src/claim/closeRuns.ts';
import { Closes } from '../../src/claim/Closes.ts';
import { databaseLease } from '../../src/claim/databaseLease.ts';
import type { JobReading } from '../../src/claim/readTick.ts';
import { OwnConnection } from '../../src/database/OwnConnection.ts';
import { defineCronJob, type LockLease, Schedule } from '../../src/index.ts';
import { decideJob } from '../../src/state/decideJob.ts';
import type { Clock } from '../../src/util/clock.ts';

/** How a claimant claims. */
export interface ClaimantOptions {
  readonly clock?: Clock;
  /** What the claims decide by. @default always due */
  readonly schedule?: Schedule;
  /** The connection for claims and closes. @default one of its own */
  readonly connection?: OwnConnection;
}

/** One process that reads, claims and closes as a tick does, step by step. */
export class Claimant implements AsyncDisposable {
  readonly connection: OwnConnection;
  readonly claimer: Claimer;
  readonly closes: Closes;
  readonly #clock: Clock | undefined;
  readonly #schedule: Schedule;

  constructor(orm: SqlMikroORM, { clock, schedule, connection }: ClaimantOptions = {}) {
    this.#clock = clock;
    this.#schedule = schedule ?? new Schedule({ runEveryMins: 0 });
    this.connection = connection ?? new OwnConnection(orm);
    this.claimer = new Claimer(orm, this.connection, clock);
    this.closes = new Closes(this.connection);
  }

  /** Reads as a tick does, and gives the job its row to lock. */
  async read(code: string): Promise<JobReading> {
    const reading = (await this.claimer.read([{ code }])).jobs.get(code)!;
    if (reading.guard === null) {
      await this.claimer.insertGuards([code]);
    }
    return reading;
  }

  request(code: string, reading: JobReading, changes: Partial<ClaimRequest> = {}): ClaimRequest {
    const job = defineCronJob({ code, schedule: this.#schedule, do: () => undefined });
    const decide: ClaimRequest['decide'] = ({ history, state }, now) =>
      decideJob({ schedule: this.#schedule, history, state, now, timeZone: 'UTC' });
    const decision = decide(reading, this.#clock?.now() ?? new Date());
    const rest = { token: randomUUID(), leaseSeconds: 300, isLockedElsewhere: false };
    return { job, reading, decision, decide, ...rest, ...changes };
  }

  /** Claims what was read, or else what it reads now. */
  async claim(code: string, changes: Partial<ClaimRequest> = {}): Promise<ClaimResult> {
    const reading = changes.reading ?? (await this.read(code));
    return this.send(this.request(code, reading, changes));
  }

  /** @throws what broke the claim */
  async send(request: ClaimRequest): Promise<ClaimResult> {
    const result = (await this.claimer.claim([request])).get(request.job.code)!;
    if (result.kind === 'broken') {
      throw result.error;
    }
    return result;
  }

  /** @throws Error when the run is not ours */
  async mustClaim(code: string, changes: Partial<ClaimRequest> = {}): Promise<ClaimedRun> {
    const result = await this.claim(code, changes);
    if (result.kind !== 'claimed') {
      throw new Error(`${code} was not claimed: ${JSON.stringify(result)}`);
    }
    return result;
  }

  lease(run: ClaimedRun, leaseSeconds = 300): LockLease {
    return databaseLease(this.connection, run, { leaseSeconds, clock: this.#clock });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** The close of a run that ended well. */
export function closeOf({ log, token, fence }: ClaimedRun, changes: Partial<CloseRequest> = {}): CloseRequest {
  const endTime = new Date(log.startTime.getTime() + 1_000);
  const claim = { token, fence };
  return { id: log.id, code: log.code, claim, status: 'succeeded', endTime, message: 'done', unlock: true, ...changes };
}

/** A connection that can lose the answers of what was done on it: all is committed, and nobody learns of it. */
export class LosingConnection extends OwnConnection {
  #losses: (() => Promise<unknown>)[] = [];

  /** Loses the next answer, after something else has happened. */
  loseNext(meanwhile: () => Promise<unknown> = async () => undefined): void {
    this.#losses.push(meanwhile);
  }

  override async run<T>(work: (em: EntityManager) => Promise<T>, millis?: number): Promise<T> {
    const result = await super.run(work, millis);
    const meanwhile = this.#losses.shift();
    if (meanwhile) {
      await meanwhile();
      throw new Error('Connection terminated unexpectedly');
    }
    return result;
  }
}

/** A connection that breaks before a piece of work is carried out; the server carries it out after the next one. */
export class LateConnection extends OwnConnection {
  #isDelaying = false;
  #late: (() => Promise<unknown>) | undefined;

  /** Delays what is done next until after the piece of work that follows it. */
  delayNext(): void {
    this.#isDelaying = true;
  }

  override async run<T>(work: (em: EntityManager) => Promise<T>, millis?: number): Promise<T> {
    if (this.#isDelaying) {
      this.#isDelaying = false;
      this.#late = async () => super.run(work, millis);
      throw new Error('Connection terminated unexpectedly');
    }
    const result = await super.run(work, millis);
    const late = this.#late;
    this.#late = undefined;
    await late?.();
    return result;
  }
}
