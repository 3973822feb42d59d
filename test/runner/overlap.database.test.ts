import { describe, expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';

describe('a tick that runs several jobs at once', () => {
  it('starts the next job while the outcome of one that has settled is being written', async () => {
    await using database = await createTestDatabase();
    const schedule = new Schedule({ runEveryMins: 0 });
    const [isLocked, free, third] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    let holding: Promise<unknown> | undefined;
    const jobs = [
      defineCronJob({
        code: 'a',
        schedule,
        do: async () => {
          // Another session keeps the row that the close of this run needs.
          holding = app.orm.em.fork().transactional(async em => {
            await em.execute(`select 1 from cron_job_lock where code = 'a' for update`);
            isLocked.resolve();
            await free.promise;
          });
          await isLocked.promise;
        },
      }),
      defineCronJob({ code: 'b', schedule, do: async () => third.promise }),
      defineCronJob({ code: 'c', schedule, do: () => third.resolve() }),
    ];
    await using app = await createTestHost(database, { jobs, concurrency: 2 }, { debug: false });
    const ticking = app.runner.run();
    const late = setTimeout(() => third.reject(new Error('the third job did not start')), 5_000);
    await third.promise.catch(() => undefined);
    clearTimeout(late);
    free.resolve();
    await holding;
    const { jobs: reports } = await ticking;
    expect(reports.map(({ job, outcome }) => `${job.code} ${outcome}`).toSorted()).toEqual([
      'a succeeded',
      'b succeeded',
      'c succeeded',
    ]);
  });

  it('finds every outcome before it, one at a time, as a job that notifies must', async () => {
    await using database = await createTestDatabase();
    const schedule = new Schedule({ runEveryMins: 0 });
    let seen: unknown;
    const jobs = [
      defineCronJob({ code: 'a', schedule, do: () => 'done' }),
      defineCronJob({
        code: 'b',
        schedule,
        do: async ({ em }) => {
          seen = await em.execute(`select status from cron_job_log where code = 'a'`);
        },
      }),
    ];
    await using app = await createTestHost(database, { jobs }, { debug: false });
    await app.runner.run();
    expect(seen).toEqual([{ status: 'succeeded' }]);
  });
});
