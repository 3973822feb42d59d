import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defineCronJob, type LockLease, Schedule } from '../../src/index.ts';
import { Claimant, closeOf } from '../helpers/claims.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';
import { until } from '../helpers/until.ts';

describe('with SERIALIZABLE as the default of the database', () => {
  let database: TestDatabase;
  let app: TestHost;

  beforeAll(async () => {
    database = await createTestDatabase();
    const [row] = await database.sql<{ name: string }>('select current_database() as name');
    await database.sql(`alter database ${row!.name} set default_transaction_isolation = 'serializable'`);
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
    const job = defineCronJob({
      code: 'a',
      schedule: new Schedule({ runEveryMins: 5 }),
      removeSuccessfulLogs: true,
      do: () => undefined,
    });
    app = await createTestHost(database, { jobs: [job] });
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  /** Lets somebody else change a row while a statement of ours waits for it, which then fails with 40001. */
  async function disturb<Value>(statement: string, work: () => Promise<Value>): Promise<Value> {
    const em = app.orm.em.fork();
    await em.begin();
    await em.execute(statement);
    const done = work();
    done.catch(() => undefined);
    await until('our statement waits', async () => {
      const rows = await database.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`);
      return rows.length > 0;
    });
    await em.commit();
    return done;
  }

  it.each([
    ['the renewal of a lease', async (lease: LockLease): Promise<unknown> => lease.renew!()],
    ['the release of a lock', async (lease: LockLease): Promise<unknown> => lease.release()],
  ])('repeats %s that met another change', async (_, act) => {
    await using one = new Claimant(app.orm as SqlMikroORM);
    const lease = one.lease(await one.mustClaim('a'));
    await disturb(`update cron_job_lock set host = 'elsewhere'`, () => act(lease));
    const [row] = await database.sql<{ owner: string | null; is_renewed: boolean }>(
      `select owner, locked_until > locked_at + interval '300 seconds' as is_renewed from cron_job_lock`,
    );
    expect(row!.owner === null || row!.is_renewed).toBe(true);
  });

  it('repeats the close of a run', async () => {
    await using one = new Claimant(app.orm as SqlMikroORM);
    const claim = await one.mustClaim('a');
    const close = () => one.closes.close(closeOf(claim), 30);
    expect(await disturb(`update cron_job_lock set host = 'elsewhere'`, close)).toEqual({
      isWritten: true,
      isReleased: true,
    });
  });

  it('repeats what frees a lock by force', async () => {
    await using one = new Claimant(app.orm as SqlMikroORM);
    await one.mustClaim('a');
    const { runner } = app;
    const [job] = await runner.jobs();
    const freed = await disturb(`update cron_job_lock set host = 'elsewhere'`, () =>
      runner.connections.locks.forceRelease!(job!),
    );
    expect(freed).toMatchObject({ pid: process.pid });
  });

  it('repeats the deletion of old rows', async () => {
    const { runner } = app;
    await runner.run({ force: true });
    await database.sql(`insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
      select code, start_time - interval '1 minute', end_time - interval '1 minute', status, '', host, pid from cron_job_log`);
    expect(await disturb(`update cron_job_log set message = 'changed'`, () => runner.prune(undefined))).toBe(1);
  });
});
