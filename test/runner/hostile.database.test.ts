import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CronJobContext,
  type CronSettings,
  defineCronJob,
  fileLock,
  Schedule,
  type TickEvent,
} from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';
import { until } from '../helpers/until.ts';

describe('jobs and hosts that do odd things', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const host = (act: (context: CronJobContext) => unknown, settings: Partial<CronSettings> = {}, options = {}) =>
    createTestHost(
      database,
      {
        jobs: [defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: act })],
        timeZone: 'UTC',
        ...settings,
      },
      options,
    );
  const rows = () =>
    database.sql<{ status: string; message: string; ms: number }>(
      'select status, message, (extract(epoch from end_time - start_time) * 1000)::int as ms from cron_job_log order by id',
    );
  const unprintable = () => ({
    [inspect.custom]() {
      throw new Error('not to be looked at');
    },
  });

  it('cannot move their row by moving the dates of their context', async () => {
    await using app = await host(({ now, log }) => {
      now.setHours(0, 0, 0, 0);
      log.startTime.setFullYear(1999);
    });
    await app.runner.run();
    const [row] = await rows();
    expect(row?.status).toBe('succeeded');
    expect(row?.ms).toBeGreaterThanOrEqual(0);
    expect(row?.ms).toBeLessThan(60_000);
  });

  it('cannot keep their outcome from being told by freezing or changing their row', async () => {
    await using app = await host(
      ({ log }) => {
        log.id = 0;
        Object.freeze(log);
      },
      { onJobStart: ({ log }) => Object.freeze(log) },
    );
    const { jobs } = await app.runner.run();
    expect(jobs).toMatchObject([{ outcome: 'succeeded', log: { status: 'succeeded', isSuccess: true } }]);
    expect(await rows()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('may throw what cannot be printed, and have failed', async () => {
    await using app = await host(() => {
      // oxlint-disable-next-line no-throw-literal
      throw unprintable();
    });
    expect((await app.runner.run()).jobs).toMatchObject([{ outcome: 'failed' }]);
    expect(await rows()).toMatchObject([{ status: 'failed', message: 'Thrown: {}' }]);
  });

  it('may return what cannot be printed, and have succeeded', async () => {
    await using app = await host(unprintable);
    await app.runner.run();
    expect(await rows()).toMatchObject([{ status: 'succeeded', message: 'a value that cannot be printed' }]);
  });

  it('may have listeners that throw what cannot be made a text', async () => {
    const troubles: string[] = [];
    const listen = (event: TickEvent) => {
      if (event.type === 'warning') {
        troubles.push(event.message);
      } else if (event.type === 'jobStarted') {
        throw Object.create(null);
      }
    };
    await using app = await host(() => 'ran', {
      onJobSuccess: async () => {
        throw Object.create(null);
      },
    });
    expect((await app.runner.run({ onEvent: listen })).jobs).toMatchObject([{ outcome: 'succeeded' }]);
    expect(troubles).toEqual([
      "a listener failed at 'jobStarted': a value that cannot be printed",
      "a listener failed at 'jobDone': a value that cannot be printed",
    ]);
  });

  it.each([
    ['soft deletion', { softDelete: { name: 'softDelete', cond: { deletedAt: null }, default: true } }],
    ['tenants', { tenant: { name: 'tenant', cond: (args: { id: number }) => ({ tenant: args.id }), default: true } }],
  ])('may filter all their entities, by %s: ours are none of theirs', async (_, filters) => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       values ('a', now() - interval '90 days', now() - interval '90 days', 'failed', '', 'h', 1),
              ('a', now() - interval '1 hour', null, 'running', '', 'h', 1)`,
    );
    await using app = await host(() => 'ran', { deleteLogsOlderThanDays: 30 }, { filters });
    const troubles: string[] = [];
    await app.runner.run({ onEvent: event => event.type === 'warning' && troubles.push(event.message) });
    expect(troubles).toEqual([]);
    expect(await rows()).toMatchObject([{ status: 'abandoned' }, { status: 'succeeded', message: 'ran' }]);
  });

  it.each([
    [
      'run',
      { concurrency: Number.NaN },
      'CronRunner.run(): concurrency NaN is not allowed; it must be a whole number from 1',
    ],
    ['start', { sleepSeconds: 0 }, 'CronRunner.start(): sleepSeconds 0 is not allowed; it must be a number above 0'],
    ['start', { jitterSeconds: -1 }, 'CronRunner.start(): jitterSeconds -1 is not allowed; it must be 0 or a number'],
    ['start', { repeat: 0.5 }, 'CronRunner.start(): repeat 0.5 is not allowed; it must be a whole number from 1'],
    ['prune', -1, 'CronRunner.prune(): olderThanDays -1 is not allowed; it must be a number of days above 0'],
  ] as const)('are refused by %s(%j)', async (method, argument, message) => {
    await using app = await host(() => 'ran');
    const call = async () => (app.runner[method] as (argument: unknown) => unknown)(argument);
    await expect(call()).rejects.toThrow(message);
    expect(await rows()).toEqual([]);
  });

  it("may tick within a transaction of their own, which is none of the jobs'", async () => {
    await database.sql('create table if not exists notes (text text)');
    await database.sql('truncate notes');
    await using app = await host(async ({ em }) => {
      await em.transactional(async own => own.execute(`insert into notes values ('by the job')`));
      // Forgotten, and ended with the run.
      await em.begin();
      return (app.orm.em.getContext() as unknown) === em;
    });
    await app.orm.em.fork().transactional(async em => {
      await em.execute(`insert into notes values ('before')`);
      expect((await app.runner.run()).jobs).toMatchObject([{ outcome: 'succeeded', log: { message: 'true' } }]);
      expect(await rows()).toMatchObject([{ status: 'succeeded' }]);
      await em.execute(`insert into notes values ('after')`);
    });
    expect(await database.sql('select text from notes order by text')).toEqual(
      ['after', 'before', 'by the job'].map(text => ({ text })),
    );
  });

  it('may start jobs from a job: those are not aborted with it half-way', async () => {
    const schedule = new Schedule({ runEveryMins: 0 });
    await using app = await createTestHost(database, {
      jobs: [
        defineCronJob({
          code: 'outer',
          schedule,
          timeoutSeconds: 0.1,
          do: async () => app.runner.run({ jobs: ['inner'] }).then(report => report.jobs[0]?.outcome),
        }),
        defineCronJob({ code: 'inner', schedule, do: () => delay(300, 'inner done') }),
      ],
    });
    await app.runner.run({ jobs: ['outer'] });
    expect(await rows()).toMatchObject([{ status: 'timed_out' }, { status: 'succeeded', message: 'inner done' }]);
  });

  it('may be stopped between claim and run for longer than the lease: who holds the lock then keeps it', async () => {
    const claimed = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let hasRun = false;
    await using stopped = await host(() => (hasRun = true), { lockTimeSeconds: 0.2 });
    const { claimer } = stopped.runner.connections;
    const claim = claimer.claim.bind(claimer);
    claimer.claim = async requests => {
      const results = await claim(requests);
      claimed.resolve();
      await goOn.promise;
      return results;
    };
    const paused = stopped.runner.run();
    await claimed.promise;
    // As long as the process would have been stopped.
    await delay(300);
    await using other = await host(async () => {
      goOn.resolve();
      const { jobs } = await paused;
      return jobs[0]?.outcome;
    });
    const { jobs } = await other.runner.run();
    // Also when that has not run.
    goOn.resolve();
    expect(jobs).toMatchObject([{ outcome: 'succeeded' }]);
    expect((await paused).jobs).toMatchObject([
      { outcome: 'failed', reason: expect.stringMatching(/^its lock was lost, so its own outcome/) },
    ]);
    expect(hasRun).toBe(false);
    expect(await rows()).toMatchObject([{ status: 'abandoned' }, { status: 'succeeded', message: 'failed' }]);
  });

  it('are not begun when their signal is aborted already', async () => {
    let hasRun = false;
    await using app = await host(() => (hasRun = true));
    const shutdown = AbortSignal.abort(new DOMException('Shut down by test', 'AbortError'));
    await app.runner.run({ shutdown });
    expect(hasRun).toBe(false);
    expect(await rows()).toMatchObject([{ status: 'failed', message: 'Shut down by test\nThe job was not started.' }]);
  });

  it('get their file lock back when they settle after they were given up', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-given-up-'));
    const settled = Promise.withResolvers<void>();
    try {
      await using app = await host(() => settled.promise, {
        lock: fileLock({ directory }),
        timeoutSeconds: 0.05,
        shutdownGraceSeconds: 0.05,
      });
      expect((await app.runner.run()).jobs).toMatchObject([{ outcome: 'timed_out' }]);
      expect((await app.runner.run()).jobs).toMatchObject([{ outcome: 'locked' }]);
      settled.resolve();
      await until('the lock is free', async () => (await app.runner.run()).jobs[0]?.outcome !== 'locked');
      expect((await rows()).map(({ status }) => status)).toEqual(['timed_out', 'succeeded']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
