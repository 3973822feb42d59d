import { afterAll, beforeAll, expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost } from '../helpers/host.ts';

describeDrivers('a tick without the second migration', driver => {
  let database: DriverDatabase;
  beforeAll(async () => {
    database = await driver.create();
    for (const table of ['cron_job_lock', 'cron_job_log']) {
      await database.sql(`alter table ${table} drop column fence`);
    }
  });
  afterAll(async () => database?.[Symbol.asyncDispose]());

  it('says so in one line, with the way out', async () => {
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    await using app = await createTestHost(database, { jobs: [job] });
    await expect(app.runner.run()).rejects.toThrow(
      /^Database: the tables of mikro-orm-cron are those of an older version; run `npx mikro-orm-cron cron:install` and then `npx mikro-orm migration:up`$/,
    );
  });
});
