import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { IsolationLevel, type MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { ownEm, tableName } from '../database/ourTables.ts';
import { CronJobLock } from './CronJobLock.ts';
import { JobLock, type LockHolder } from './JobLock.ts';
import type { LockFactory, LockSettings } from './LockFactory.ts';

interface LockRow {
  owner: string | null;
  host: string;
  pid: number;
  since: number;
  until: number;
  is_live: boolean | number;
}

/**
 * A lease in a row of `cron_job_lock`.
 *
 * Taking: a short transaction reads the job's row with `SELECT … FOR UPDATE SKIP LOCKED` and, when the row has no owner
 * or its lease has ended, writes a token of our own with a new end. A row that somebody else has locked is being taken
 * this very moment: not acquired. A missing row is inserted; of two that insert at once, the primary key lets one win.
 * Where there are no row locks (SQLite), there is no transaction either: the condition of the UPDATE alone decides, and
 * then the primary key, each atomic as a single statement. Renewing and releasing
 * touch the row only while it bears our token, so a holder that slept past its lease can neither prolong nor free its
 * successor's lock. Transactions are short and no session state is used, so a transaction-mode pooler may stand between.
 * All times are the database's, unless the settings have a clock.
 */
export class DatabaseLock extends JobLock {
  readonly #code: string;
  readonly #owner = randomUUID();
  readonly #settings: Pick<LockSettings, 'lockTimeSeconds' | 'clock'>;
  readonly #em: EntityManager;
  readonly #sql: Dialect;
  readonly #table: string;

  constructor(code: string, orm: MikroORM, settings: Pick<LockSettings, 'lockTimeSeconds' | 'clock'>) {
    super();
    this.#code = code;
    this.#settings = settings;
    // A fork of its own: no transaction or request context of the host's may swallow the lock.
    this.#em = ownEm(orm);
    this.#sql = dialectOf(orm);
    this.#table = tableName(orm, CronJobLock);
  }

  async lock(): Promise<boolean> {
    if (!this.#sql.hasRowLocks) {
      return (await this.#take(this.#em)) || this.#insert(this.#em);
    }
    // Not the host's default level: a stricter one fails instead of passing over, and MySQL's would lock the gap where
    // a row is missing, for two to wait in for each other.
    return this.#em.transactional(
      async em => {
        const row = await this.#read(em, 'for update skip locked');
        if (row === undefined) {
          return this.#insert(em);
        }
        return row.is_live ? false : this.#take(em);
      },
      { isolationLevel: IsolationLevel.READ_COMMITTED },
    );
  }

  override async renew(): Promise<boolean> {
    return this.#run(this.#em, `update ${this.#table} set locked_until = ${this.#end()} where code = ? and owner = ?`, [
      this.#code,
      this.#owner,
    ]);
  }

  async release(): Promise<void> {
    await this.#run(this.#em, `update ${this.#table} set owner = null where code = ? and owner = ?`, [
      this.#code,
      this.#owner,
    ]);
  }

  override async holder(): Promise<LockHolder | null> {
    return holderOf(await this.#read(this.#em, ''));
  }

  override async forceRelease(): Promise<LockHolder | null> {
    for (;;) {
      const row = await this.#read(this.#em, '');
      if (!row?.owner) {
        return null;
      }
      // Only while it is still that holder's: else whose lock was freed would be told wrongly.
      const statement = `update ${this.#table} set owner = null where code = ? and owner = ?`;
      if (await this.#run(this.#em, statement, [this.#code, row.owner])) {
        return holderOf(row);
      }
    }
  }

  async #read(em: EntityManager, ending: string): Promise<LockRow | undefined> {
    const { millis } = this.#sql;
    const [row] = await em.execute<LockRow[]>(
      `select owner, host, pid, ${millis('locked_at')} as since, ${millis('locked_until')} as until,` +
        ` case when owner is not null and locked_until > ${this.#now()} then 1 else 0 end as is_live` +
        ` from ${this.#table} where code = ? ${ending}`,
      [this.#code],
    );
    return row;
  }

  async #insert(em: EntityManager): Promise<boolean> {
    const insert =
      `insert into ${this.#table} (code, owner, host, pid, locked_at, locked_until)` +
      ` values (?, ?, ?, ?, ${this.#now()}, ${this.#end()})`;
    return this.#run(em, this.#sql.insertIgnore(insert), [this.#code, this.#owner, hostname(), process.pid]);
  }

  async #take(em: EntityManager): Promise<boolean> {
    return this.#run(
      em,
      `update ${this.#table} set owner = ?, host = ?, pid = ?, locked_at = ${this.#now()}, locked_until = ${this.#end()}` +
        ` where code = ? and (owner is null or locked_until <= ${this.#now()})`,
      [this.#owner, hostname(), process.pid, this.#code],
    );
  }

  /** Runs a statement and says whether it changed a row. */
  async #run(em: EntityManager, statement: string, parameters: unknown[]): Promise<boolean> {
    const { affectedRows } = await em.execute<{ affectedRows: number }>(statement, parameters, 'run');
    return affectedRows > 0;
  }

  /** The present instant, as SQL. */
  #now(): string {
    const { clock } = this.#settings;
    return clock ? this.#sql.instant(String(clock.now().getTime())) : this.#sql.now;
  }

  /** When a lease taken now ends, as SQL. */
  #end(): string {
    return this.#sql.instant(`${this.#sql.millis(this.#now())} + ${this.#settings.lockTimeSeconds * 1000}`);
  }
}

function holderOf(row: LockRow | undefined): LockHolder | null {
  if (!row?.is_live) {
    return null;
  }
  return { host: row.host, pid: row.pid, since: new Date(row.since), until: new Date(row.until) };
}

/**
 * Locks in the host's own database, in the table `cron_job_lock`: the default. Needs nothing but the database, and only
 * the database's clock counts.
 */
export function databaseLock(): LockFactory {
  return (job, orm, settings) => new DatabaseLock(job.code, orm, settings);
}
