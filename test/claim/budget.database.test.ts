import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost } from '../helpers/host.ts';

const JOBS = 200;

describeDrivers('the statements of a tick', driver => {
  let database: DriverDatabase;

  beforeAll(async () => {
    database = await driver.create();
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  const host = (concurrency: number) => {
    const schedule = new Schedule({ runEveryMins: 60 });
    const jobs = Array.from({ length: JOBS }, (_, at) =>
      defineCronJob({ code: `job ${at}`, schedule, do: () => undefined }),
    );
    return createTestHost(database, { jobs, concurrency });
  };

  // At most: measured where one statement claims and another closes; elsewhere each step is a statement of its own.
  const [together, alone] = budgetOf(driver.name);
  it.each([
    [8, together],
    [1, alone],
  ])(`are few for ${JOBS} due jobs at concurrency %i: at most %d a run`, async (concurrency, most) => {
    await using app = await host(concurrency);
    await app.runner.jobs();
    app.statements();
    const { jobs } = await app.runner.run();
    expect(jobs.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(JOBS);
    expect(app.statements().length / JOBS).toBeLessThanOrEqual(most);
  });

  it('is one where nothing is due', async () => {
    await using app = await host(8);
    await app.runner.run();
    app.statements();
    expect((await app.runner.run()).jobs.filter(({ outcome }) => outcome === 'not_due')).toHaveLength(JOBS);
    expect(app.statements()).toHaveLength(1);
  });
});

/** The budgets by driver, at concurrency 8 and 1. */
function budgetOf(name: string): readonly [number, number] {
  return name === 'PostgreSQL' ? [1, 7] : [8, 8];
}
