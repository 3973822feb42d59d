import type { EntityManager } from '@mikro-orm/sql';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CronSettings, defineCronJob, getCronRunner, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';

const schedule = new Schedule({ runEveryMins: 5 });

/** A pool that nobody may wait for. */
const POOL = { pool: { min: 0, max: 2 } };

describeDrivers('a host whose pool is used up', driver => {
  // Where there is one connection, the host's pool is that connection.
  const itWithPool = it.skipIf(driver.name === 'PGlite' || driver.name === 'SQLite');
  let database: DriverDatabase;
  let app: TestHost;

  beforeAll(async () => {
    database = await driver.create();
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterEach(async () => {
    await app?.[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  /** Does something while two transactions keep both connections of the pool. */
  async function whileUsedUp<Value>(work: () => Promise<Value>): Promise<Value> {
    const taken: EntityManager[] = [app.orm.em.fork(), app.orm.em.fork()];
    try {
      await Promise.all(taken.map(em => em.begin()));
      return await work();
    } finally {
      await Promise.all(taken.map(em => em.rollback()));
    }
  }

  const createHost = async (jobs: CronSettings['jobs'], settings: Partial<CronSettings> = {}) =>
    (app = await createTestHost(database, { jobs, connectTimeoutSeconds: 5, ...settings }, POOL));

  itWithPool('ticks, deletes old rows, and says how its jobs stand', async () => {
    const job = defineCronJob({ code: 'a', schedule, removeSuccessfulLogs: true, do: () => undefined });
    const { runner } = await createHost([job]);
    await runner.run({ force: true });
    await whileUsedUp(async () => {
      const { jobs } = await runner.run({ force: true });
      expect(jobs).toMatchObject([{ outcome: 'succeeded' }]);
      expect(await database.sql('select status from cron_job_log')).toHaveLength(1);
      expect(await runner.prune(30, { allCodes: true })).toBe(0);
      const [loaded] = await runner.jobs();
      expect((await runner.overview()).jobs).toMatchObject([{ lastRun: { status: 'succeeded' }, holder: null }]);
      expect(await runner.previousSuccess(loaded!)).toMatchObject({ status: 'succeeded' });
      expect((await runner.timeUntilRun(loaded!))?.toMillis()).toBeGreaterThan(0);
    });
  });

  itWithPool('frees a lock by force and knows its holder, within a job that keeps the pool to itself', async () => {
    const seen: unknown[] = [];
    const job = defineCronJob({
      code: 'a',
      schedule,
      do: async ({ em }) => {
        const runner = getCronRunner(app.orm);
        const [loaded] = await runner.jobs();
        const other = em.fork();
        await Promise.all([em.begin(), other.begin()]);
        const { holders } = await runner.holders([loaded!]);
        seen.push(holders.get('a'), await runner.unlock('a'));
        await Promise.all([em.rollback(), other.rollback()]);
      },
    });
    const { runner } = await createHost([job]);
    await runner.run({ force: true });
    expect(seen).toMatchObject([{ pid: process.pid }, { pid: process.pid }]);
  });
});
