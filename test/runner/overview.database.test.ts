import { describe, expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';

describe('the overview of jobs', () => {
  it('takes three statements, whatever the number of jobs, and goes by the clock of the settings', async () => {
    const clock = new SettableClock('2026-03-01T10:00:00Z');
    const schedule = new Schedule({ runEveryMins: 5 });
    const jobs = Array.from({ length: 50 }, (_, index) =>
      defineCronJob({ code: `job_${index}`, schedule, do: () => 'ran' }),
    );
    await using database = await createTestDatabase();
    await using app = await createTestHost(database, { jobs, timeZone: 'UTC', clock });
    await app.runner.run();
    clock.advance(60);
    // The host's own pool connects, and MikroORM asks whether the database is there.
    await app.orm.connect();
    app.statements();
    const { now, jobs: overviews } = await app.runner.overview(jobs);
    expect(app.statements()).toHaveLength(3);
    expect(now).toEqual(new Date('2026-03-01T10:01:00Z'));
    expect(overviews).toHaveLength(50);
    expect(overviews[49]).toMatchObject({
      failureStreak: 0,
      isDue: false,
      lastRun: { code: 'job_49', status: 'succeeded' },
      nextRun: new Date('2026-03-01T10:05:00Z'),
      holder: null,
    });
  });

  it('tells that a holder is not known when its backend cannot say, and goes on', async () => {
    const schedule = new Schedule({ runEveryMins: 5 });
    const jobs = ['a', 'b'].map(code => defineCronJob({ code, schedule, do: () => 'ran' }));
    await using database = await createTestDatabase();
    await using app = await createTestHost(database, {
      jobs,
      lock: () => {
        throw new Error('no connection to Redis');
      },
    });
    const { jobs: overviews, problems } = await app.runner.overview(jobs);
    expect(overviews.map(({ holder, isDue }) => [holder, isDue])).toEqual([
      [undefined, true],
      [undefined, true],
    ]);
    expect(problems).toEqual(['no connection to Redis']);
  });
});
