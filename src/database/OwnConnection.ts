import { setTimeout as delay } from 'node:timers/promises';
import type { Configuration, MikroORM, Options } from '@mikro-orm/core';
import type { AbstractSqlDriver, EntityManager } from '@mikro-orm/sql';
import { CronError } from '../errors.ts';
import { settleWithin } from '../util/waiting.ts';
import { dialectOf } from './dialectOf.ts';
import { isRolledBack } from './isTransient.ts';
import { checkFile, ownEm } from './ourTables.ts';

/** Milliseconds that one piece of work on a connection may take at least, unless its caller says otherwise. */
const WORK_MILLIS = 30_000;

/** How often a piece of work is done again that the database has rolled back because of others. */
const MOST_REPEATS = 20;

/** Drivers whose sessions have been looked at. */
const checked = new WeakSet<object>();

/**
 * A connection of the package's own beside the host's pool, made from the host's config, for claims and closes: no job,
 * transaction, session setting or leaked connection of the host reaches it.
 *
 * Work is done one piece at a time. A piece that the database rolls back because of what others do at the same moment
 * (a serialization failure, a deadlock) is done again: so each must be one statement, one transaction, or harmless to
 * repeat. A piece that fails otherwise or does not settle in time costs the connection: the next one gets
 * a new connection, since the state of the old one is unknown, and the pool of one would wait for what hangs.
 *
 * Where the database has only one connection, the host's is shared ({@link isShared}).
 */
export class OwnConnection {
  readonly #orm: MikroORM;
  readonly #workMillis: number;
  /** Whether this is the host's own connection, since the database has no other. */
  readonly isShared: boolean;
  #driver: AbstractSqlDriver | undefined;
  #em: EntityManager | undefined;
  /** Settles when the work before has: there is one piece at a time. */
  #idle: Promise<unknown> = Promise.resolve();
  /** The work under way. */
  #waiting = 0;

  /** @param connectSeconds the time that a database has to answer: no piece of work has less */
  constructor(orm: MikroORM, connectSeconds = 0) {
    this.#orm = orm;
    this.#workMillis = Math.max(WORK_MILLIS, (connectSeconds + 1) * 1_000);
    this.isShared = isShared(orm);
  }

  /**
   * Does a piece of work with an EntityManager on this connection.
   *
   * @param millis the time within which it must be done, including the wait for earlier work
   * @throws what the work throws, or CronError when the time is up
   */
  async run<T>(work: (em: EntityManager) => Promise<T>, millis: number = this.#workMillis): Promise<T> {
    const before = this.#waiting > 0 ? this.#idle : undefined;
    this.#waiting++;
    const done = this.#work(work, before, performance.now() + millis, millis).finally(() => this.#waiting--);
    this.#idle = done.catch(() => undefined);
    return done;
  }

  async #work<T>(
    work: (em: EntityManager) => Promise<T>,
    before: Promise<unknown> | undefined,
    deadline: number,
    millis: number,
  ): Promise<T> {
    const late = () => new CronError(`the database did not answer within ${Math.round(millis) / 1000} s`);
    if (before) {
      await settleWithin(deadline - performance.now(), before, late);
    }
    for (let pause = 2, repeats = 0; ; pause = Math.min(pause * 2, 50)) {
      const em = this.#open();
      const driver = this.#driver;
      try {
        await this.#check(em, driver, deadline, late);
        return await settleWithin(deadline - performance.now(), work(em), late);
      } catch (error) {
        const mayRepeat = this.#isBusy(error) || (isRolledBack(error) && ++repeats <= MOST_REPEATS);
        if (!mayRepeat || performance.now() + pause >= deadline) {
          this.#discard(driver);
          throw error;
        }
        await delay(pause * (0.5 + Math.random()));
      }
    }
  }

  /** Refuses a session in which our statements would be unsafe. */
  async #check(
    em: EntityManager,
    driver: AbstractSqlDriver | undefined,
    deadline: number,
    late: () => CronError,
  ): Promise<void> {
    const { refusal } = dialectOf(this.#orm);
    const session = driver ?? this.#orm.driver;
    if (!refusal || checked.has(session)) {
      return;
    }
    const asked = em.execute<Record<string, unknown>[]>(refusal.statement);
    const [row] = await settleWithin(deadline - performance.now(), asked, late);
    const why = row && refusal.explain(row);
    if (why) {
      throw new CronError(`Database '${this.#orm.config.get('dbName')}': ${why.what}; ${why.wayOut}`);
    }
    checked.add(session);
  }

  #isBusy(error: unknown): boolean {
    return dialectOf(this.#orm).isBusy?.(error) ?? false;
  }

  /** Closes the connection; what comes after it opens a new one. */
  async close(): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    this.#em = undefined;
    await driver?.close(true);
  }

  #open(): EntityManager {
    if (this.isShared) {
      return ownEm(this.#orm);
    }
    if (!this.#em) {
      checkFile(this.#orm);
      this.#driver = createDriver(this.#orm);
      const em = this.#driver.createEntityManager(false) as unknown as EntityManager;
      this.#em = em.fork({ clear: true, useContext: false, disableContextResolution: true });
    }
    // A fork a time: a transaction that broke must not be joined by the next piece of work.
    return this.#em.fork({ clear: true, useContext: false, disableContextResolution: true });
  }

  /** Closes a connection without waiting: one that hangs may never close. */
  #discard(driver: AbstractSqlDriver | undefined): void {
    if (driver && driver === this.#driver) {
      this.#driver = undefined;
      this.#em = undefined;
      void Promise.resolve(driver.close(true)).catch(() => undefined);
    }
  }
}

/** Whether no second connection to the host's database can be made from its config. */
function isShared(orm: MikroORM): boolean {
  const options: unknown = orm.config.get('driverOptions');
  const isReadyClient =
    typeof options === 'function' ||
    (typeof options === 'object' && options !== null && ('createDriver' in options || 'getExecutor' in options));
  return isReadyClient || (dialectOf(orm).isWithinProcess?.(orm.config.get('dbName') ?? '') ?? false);
}

/** A driver with a pool of one, of the host's config without what is meant for the host's own statements. */
function createDriver(orm: MikroORM): AbstractSqlDriver {
  const all = orm.config.getAll();
  const own = {
    ...all,
    ...dialectOf(orm).ownConnectionOptions?.(all.driverOptions ?? {}),
    pool: { ...all.pool, min: 0, max: 1 },
    replicas: [],
    subscribers: [],
    filters: {},
    extensions: [],
    entities: [],
    entitiesTs: [],
    onReserveConnection: undefined,
    sessionContext: undefined,
    ensureDatabase: false,
    ensureIndexes: false,
    resultCache: {},
  };
  // By the host's own class, which may stand in another copy of MikroORM than ours.
  const HostConfiguration = orm.config.constructor as new (
    options: Partial<Options>,
    validate: boolean,
  ) => Configuration;
  const driver = new HostConfiguration(
    own as unknown as Partial<Options>,
    false,
  ).getDriver() as unknown as AbstractSqlDriver;
  driver.setMetadata(orm.getMetadata());
  return driver;
}
