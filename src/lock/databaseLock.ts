import { FRESH, tableName } from '../database/ourTables.ts';
import { OwnConnection } from '../database/OwnConnection.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { CronJobLock } from './CronJobLock.ts';
import type { LockHolder } from './LockHolder.ts';
import type { LockBackend, LockProvider } from './LockProvider.ts';

/**
 * Locks in the host's own database, in the table `cron_job_lock`: the default. Needs nothing but the database, and only
 * the database's clock counts.
 *
 * The claim of a run takes the lock and writes the row "running" in one transaction, with `SELECT … FOR UPDATE SKIP
 * LOCKED` on the job's row, and the close of the run writes the outcome and gives the lock back in one statement.
 */
export function databaseLock(): LockBackend {
  return { open: (orm, _, connection = new OwnConnection(orm)) => new DatabaseLocks(connection) };
}

/** Leases as rows of `cron_job_lock`, taken, renewed and given back by claim and close. */
class DatabaseLocks implements LockProvider {
  readonly name = 'databaseLock()';
  readonly #connection: OwnConnection;

  constructor(connection: OwnConnection) {
    this.#connection = connection;
  }

  async holders(jobs: readonly CronJobBase[], now: Date): Promise<ReadonlyMap<string, LockHolder | null>> {
    const codes = jobs.map(({ code }) => code);
    const rows =
      codes.length === 0
        ? []
        : await this.#connection.run(async em =>
            em.find(CronJobLock, { code: { $in: codes }, owner: { $ne: null } }, FRESH),
          );
    const byCode = new Map(rows.map(row => [row.code, holderOf(row, now)]));
    return new Map(codes.map(code => [code, byCode.get(code) ?? null]));
  }

  async forceRelease({ code }: CronJobBase): Promise<LockHolder | null> {
    return this.#connection.run(async em => {
      for (;;) {
        const row = await em.findOne(CronJobLock, { code }, { ...FRESH, disableIdentityMap: true });
        if (!row?.owner) {
          return null;
        }
        // Only while it is still that holder's: otherwise whose lock was freed would be reported wrongly.
        const { affectedRows } = await em.execute<{ affectedRows: number }>(
          `update ${tableName(em, CronJobLock)} set owner = null where code = ? and owner = ?`,
          [code, row.owner],
          'run',
        );
        if (affectedRows > 0) {
          return holderOf(row, new Date(0));
        }
      }
    });
  }
}

/** The holder that a row names, if its lease has not ended. */
function holderOf({ host, pid, lockedAt, lockedUntil }: CronJobLock, now: Date): LockHolder | null {
  return lockedAt && lockedUntil && lockedUntil > now ? { host, pid, since: lockedAt, until: lockedUntil } : null;
}
