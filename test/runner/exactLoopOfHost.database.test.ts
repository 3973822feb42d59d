import { MikroORM } from '@mikro-orm/sqlite';
import { describe, expect, it } from 'vitest';
import { type CronJobBase, CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';
import type { LoopOptions } from '../../src/runner/RunOptions.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';
import { TestPace } from '../helpers/TestPace.ts';

const START = Date.parse('2026-03-10T12:00:40Z');

/** Hosts on one clock, which the loop's pace moves on. */
async function createHosts(jobs: readonly CronJobBase[][]) {
  const pace = new TestPace();
  // No fraction: the clock of a database shows milliseconds.
  const clock = { now: () => new Date(START + Math.floor(pace.now())) };
  const first = await createTestHost(
    { init: async options => MikroORM.init({ dbName: ':memory:', ...options }) },
    { jobs: jobs[0] ?? [], clock, timeZone: 'UTC' },
  );
  await first.orm.schema.create();
  return { pace, clock, host: first };
}

const starts = async ({ orm }: TestHost, code: string) =>
  (await orm.em.fork().find(CronJobLog, { code }, { orderBy: { id: 1 } })).map(
    ({ startTime, status }) => `${startTime.toISOString().slice(11, 19)} ${status}`,
  );

describe('the exact loop of a host', () => {
  const loop = async (host: TestHost, pace: TestPace, options: LoopOptions) =>
    host.runner.loop({ pace, ...options }).run();

  it('starts every job at its instant: slots, intervals, and tries after failures', async () => {
    let failures = 0;
    const jobs = [
      defineCronJob({ code: 'slot', schedule: new Schedule({ cron: '* * * * *' }), do: () => undefined }),
      defineCronJob({ code: 'interval', schedule: new Schedule({ runEveryMins: 1.5 }), do: () => undefined }),
      defineCronJob({
        code: 'retry',
        schedule: new Schedule({ cron: '2 12 * * *', retryAfterFailureMins: 0.25 }),
        do: () => {
          if (failures++ < 2) {
            throw new Error('not yet');
          }
        },
      }),
    ];
    const { pace, host } = await createHosts([jobs]);
    await using app = host;
    const stop = new AbortController();
    pace.events.push({ at: 245, happen: () => stop.abort() });
    await loop(app, pace, { stop: stop.signal });
    expect(await starts(app, 'slot')).toEqual([
      '12:00:40 succeeded',
      '12:01:00 succeeded',
      '12:02:00 succeeded',
      '12:03:00 succeeded',
      '12:04:00 succeeded',
    ]);
    expect(await starts(app, 'interval')).toEqual(['12:00:40 succeeded', '12:02:10 succeeded', '12:03:40 succeeded']);
    expect(await starts(app, 'retry')).toEqual(['12:02:00 failed', '12:02:15 failed', '12:02:30 succeeded']);
  });

  it('costs one statement a wake with nothing due', async () => {
    const schedule = new Schedule({ runAtTimes: ['18:00'] });
    const jobs = Array.from({ length: 50 }, (_, at) =>
      defineCronJob({ code: `job ${at}`, schedule, do: () => undefined }),
    );
    const { pace, host } = await createHosts([jobs]);
    await using app = host;
    await app.runner.jobs();
    app.statements();
    await loop(app, pace, { repeat: 10 });
    // Beside the looks at what an operator asks for, which read the state alone.
    expect(app.statements().filter(statement => statement.includes('cron_job_log'))).toHaveLength(10);
    expect(pace.seconds).toBeCloseTo(9 * 60);
  });

  it('runs waiting slots one after another, a second apart, and a job of every tick by the sleep alone', async () => {
    const jobs = [
      defineCronJob({
        code: 'each',
        schedule: new Schedule({ runAtTimes: ['11:00', '11:30', '12:00'], missedRuns: 'each' }),
        do: () => undefined,
      }),
    ];
    const { pace, host } = await createHosts([jobs]);
    await using app = host;
    await loop(app, pace, { repeat: 4 });
    expect(await starts(app, 'each')).toEqual(['12:00:40 succeeded', '12:00:41 succeeded', '12:00:42 succeeded']);
    const always = [
      defineCronJob({ code: 'always', schedule: new Schedule({ runEveryMins: 0 }), do: () => undefined }),
    ];
    const { pace: other, host: second } = await createHosts([always]);
    await using busy = second;
    await loop(busy, other, { repeat: 3, sleepSeconds: 30 });
    expect(await starts(busy, 'always')).toEqual(['12:00:40 succeeded', '12:01:10 succeeded', '12:01:40 succeeded']);
  });

  it('finds its way when the clock that schedules go by is set forth and back', async () => {
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ cron: '*/2 * * * *' }), do: () => undefined });
    const pace = new TestPace();
    let set = 0;
    const clock = { now: () => new Date(START + Math.floor(pace.now()) + set) };
    await using app = await createTestHost(
      { init: async options => MikroORM.init({ dbName: ':memory:', ...options }) },
      { jobs: [job], clock, timeZone: 'UTC' },
    );
    await app.orm.schema.create();
    // 12:02:40 becomes 12:05:30 and 12:07:00 becomes 12:03:00, seen within a minute.
    pace.events.push({ at: 120, happen: () => (set = 170_000) });
    pace.events.push({ at: 210, happen: () => (set = -70_000) });
    const stop = new AbortController();
    pace.events.push({ at: 600, happen: () => stop.abort() });
    await loop(app, pace, { stop: stop.signal });
    expect(await starts(app, 'a')).toEqual([
      '12:00:40 succeeded',
      '12:02:00 succeeded',
      expect.stringMatching(/^12:0[56]/),
      '12:06:00 succeeded',
      '12:08:00 succeeded',
    ]);
  });

  it('looks again when the lease of a holder ends, since that may be dead', async () => {
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 60 }), do: () => undefined });
    const { pace, host, clock } = await createHosts([[job]]);
    await using app = host;
    const now = clock.now().getTime();
    await app.orm.em
      .fork()
      .execute(
        `insert into cron_job_lock (code, host, pid, owner, fence, locked_at, locked_until) values ('a', 'dead', 1, 'x', 1, ?, ?)`,
        [now - 1_000, now + 7_000],
      );
    await loop(app, pace, { repeat: 2 });
    expect(await starts(app, 'a')).toEqual(['12:00:47 succeeded']);
  });
});
