import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheLock, defineCronJob, redisCache, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../helpers/redis.ts';

describe.skipIf(whyNoRedis() !== undefined)(whyNoRedis() ?? 'a cache that is flushed', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let client: Redis;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await startRedis();
    client = new Redis(redis.url);
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
    await client.flushall();
  });
  afterAll(async () => {
    client?.disconnect();
    await redis?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  const clock = new SettableClock('2026-03-01T10:00:30Z');
  const host = (act: () => unknown) =>
    createTestHost(database, {
      jobs: [defineCronJob({ code: 'a', schedule: new Schedule({ cron: '0 10 * * *' }), do: act })],
      lock: cacheLock({ cache: redisCache(client) }),
      timeZone: 'UTC',
      clock,
      logErrors: false,
    });
  const rows = () => database.sql('select status, message, fence::int as fence from cron_job_log order by id');

  it('during a run: the next holder closes its row and runs the slot; one success stands', async () => {
    await using second = await host(() => 'second');
    const nested: unknown[] = [];
    await using first = await host(async () => {
      await client.flushall();
      nested.push(...(await second.runner.run()).jobs.map(({ outcome }) => outcome));
      return 'first';
    });
    const { jobs } = await first.runner.run();
    expect(nested).toEqual(['succeeded']);
    expect(jobs[0]?.outcome).toBe('failed');
    expect(await rows()).toEqual([
      { status: 'abandoned', message: expect.stringMatching(/^Abandoned: /), fence: 1 },
      { status: 'succeeded', message: 'second', fence: 2 },
    ]);
    expect((await second.runner.run()).jobs).toMatchObject([{ outcome: 'not_due' }]);
  });

  it('between lock and claim: only one of the two runs the slot', async () => {
    await using second = await host(() => 'second');
    await using first = await host(() => 'first');
    const { claimer } = first.runner.connections;
    const claim = claimer.claim.bind(claimer);
    const nested: unknown[] = [];
    claimer.claim = async requests => {
      await client.flushall();
      nested.push(...(await second.runner.run()).jobs.map(({ outcome }) => outcome));
      return claim(requests);
    };
    const { jobs } = await first.runner.run();
    expect(nested).toEqual(['succeeded']);
    expect(['locked', 'not_due']).toContain(jobs[0]?.outcome);
    expect(await rows()).toEqual([{ status: 'succeeded', message: 'second', fence: 1 }]);
    // What the first took is given back.
    expect(await client.keys('*')).toEqual([]);
  });

  it('between close and unlock: nothing is left behind, and the slot is served', async () => {
    await using first = await host(() => 'first');
    const { closer } = first.runner.connections;
    const close = closer.close.bind(closer);
    closer.close = async (...args) => {
      const closed = await close(...args);
      await client.flushall();
      return closed;
    };
    expect((await first.runner.run()).jobs).toMatchObject([{ outcome: 'succeeded' }]);
    await using second = await host(() => 'second');
    expect((await second.runner.run()).jobs).toMatchObject([{ outcome: 'not_due' }]);
    expect(await rows()).toEqual([{ status: 'succeeded', message: 'first', fence: 1 }]);
  });
});
