import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  cacheLock,
  type CronJobContext,
  type CronSettings,
  defineCronJob,
  JobLock,
  redisCache,
  Schedule,
} from '../../src/index.ts';
import { startCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost, recordEvents } from '../helpers/host.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../helpers/redis.ts';

const LOCKS = fileURLToPath(new URL('../fixtures/locks', import.meta.url));

/** Long enough for a busy machine to begin a run in. */
const LEASE_SECONDS = 1;

describe('a lock that is lost during a run', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
    await database.sql('drop table if exists go');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const rows = () =>
    database.sql<{ status: string; message: string }>('select status, message from cron_job_log order by id');
  const job = (run: (context: CronJobContext) => unknown) =>
    defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: run });
  const untilAborted = ({ signal }: CronJobContext) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const host = (run: (context: CronJobContext) => unknown, settings: Partial<CronSettings> = {}) =>
    createTestHost(database, { jobs: [job(run)], lockTimeSeconds: LEASE_SECONDS, ...settings });

  it.each([
    ['its row is deleted', 'delete from cron_job_lock'],
    ['somebody frees it', 'update cron_job_lock set owner = null'],
    ['somebody else has it', `update cron_job_lock set owner = 'another'`],
  ])('aborts the job when %s; the row says so', async (_, statement) => {
    const { onEvent, events } = recordEvents();
    await using app = await host(async context => {
      await database.sql(statement);
      return untilAborted(context);
    });
    const { jobs } = await app.runner.run({ onEvent });
    expect(jobs[0]?.outcome).toBe('failed');
    expect(await rows()).toEqual([
      {
        status: 'failed',
        message: expect.stringMatching(
          /^Lock of a: it was lost to another process or freed by cron:unlock; the run was aborted/,
        ),
      },
    ]);
    expect(events.map(({ type }) => type)).toContain('lockLost');
  });

  it('is noticed before a success is written, though the job kept the event loop busy beyond its lease', async () => {
    let hasLost = false;
    class StolenLock extends JobLock {
      async lock() {
        return true;
      }

      override async renew() {
        return !hasLost;
      }

      async release() {
        // Gone.
      }
    }
    await using app = await host(
      () => {
        hasLost = true;
        for (const end = performance.now() + LEASE_SECONDS * 1_300; performance.now() < end;) {
          // The event loop does not turn.
        }
        return 'all done';
      },
      { lock: () => new StolenLock() },
    );
    const { jobs } = await app.runner.run();
    expect(jobs[0]?.outcome).toBe('failed');
    expect(await rows()).toEqual([
      {
        status: 'failed',
        message:
          'Lock of a: it was lost to another process or freed by cron:unlock; the run was aborted\nThe job settled without noticing that: all done',
      },
    ]);
  });

  it('does no harm to a run whose job kept the event loop busy beyond its lease, if nobody took it', async () => {
    await using app = await host(() => {
      for (const end = performance.now() + LEASE_SECONDS * 1_300; performance.now() < end;) {
        // The event loop does not turn.
      }
      return 'all done';
    });
    await app.runner.run();
    expect(await rows()).toEqual([{ status: 'succeeded', message: 'all done' }]);
  });

  it('is a lock that could not be taken when the backend throws: nothing runs, and it is told', async () => {
    class BrokenLock extends JobLock {
      async lock(): Promise<boolean> {
        throw new Error('ZooKeeper has gone home');
      }

      async release(): Promise<void> {
        throw new Error('never taken');
      }
    }
    await using app = await host(() => 'never', { lock: () => new BrokenLock() });
    const { jobs } = await app.runner.run();
    expect(jobs[0]).toMatchObject({ outcome: 'broken', reason: 'could not be run: ZooKeeper has gone home' });
    expect(await rows()).toEqual([]);
  });

  describe.skipIf(whyNoRedis() !== undefined)(whyNoRedis() ?? 'in Redis', () => {
    let redis: RedisServer;

    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(async () => {
      await redis[Symbol.asyncDispose]();
    });

    it('is lost with a flush: the job is aborted', async () => {
      const client = new Redis(redis.url);
      try {
        await using app = await host(
          async context => {
            await client.flushall();
            return untilAborted(context);
          },
          { lock: cacheLock({ cache: redisCache(client) }) },
        );
        await app.runner.run();
        expect(await rows()).toEqual([{ status: 'failed', message: expect.stringMatching(/^Lock of a: it was lost/) }]);
      } finally {
        client.disconnect();
      }
    });

    it('is lost with the server: the job is aborted after a whole lease, and the release does not hang', async () => {
      const client = new Redis(redis.url);
      client.on('error', () => undefined);
      try {
        await using app = await host(
          async context => {
            await redis.stop();
            return untilAborted(context);
          },
          { lock: cacheLock({ cache: redisCache(client, { timeoutSeconds: 0.2 }) }) },
        );
        const { onEvent, events } = recordEvents();
        await app.runner.run({ onEvent });
        expect(await rows()).toEqual([
          { status: 'failed', message: expect.stringMatching(/^Lock of a: it could not be renewed for a whole lease/) },
        ]);
        expect(events.find(({ type }) => type === 'warning')).toMatchObject({
          message: expect.stringMatching(/its lock could not be released and ends by itself in 1 s: Redis: /),
        });
      } finally {
        client.disconnect();
        await redis.start();
      }
    });

    it.each(['ioredis', 'node-redis'])(
      'of a server that is down lets nothing run: one line, exit code 1 (%s)',
      async kind => {
        if (kind === 'node-redis') {
          const client = createClient({ url: redis.url });
          client.on('error', () => undefined);
          await client.connect();
          await redis.stop();
          try {
            await using app = await host(() => 'never', {
              lock: cacheLock({ cache: redisCache(client, { timeoutSeconds: 0.3 }) }),
            });
            const { jobs } = await app.runner.run();
            expect(jobs[0]).toMatchObject({
              outcome: 'broken',
              reason: expect.stringMatching(/could not be run: Redis: /),
            });
          } finally {
            client.destroy();
            await redis.start();
          }
          return;
        }
        await redis.stop();
        try {
          const env = { DATABASE_URL: database.url, LOCK: 'redis', REDIS_URL: redis.url };
          const { code, stdout, stderr } = await startCli(['runcrons'], env, LOCKS).done;
          expect(stderr).toMatch(/^mikro-orm-cron: host\.quick: could not be run: Redis: .+\n$/);
          expect(stdout).toMatch(/^\[✘\] host\.quick: could not be run: Redis: /m);
          expect(code).toBe(1);
          expect(await rows()).toEqual([]);
        } finally {
          await redis.start();
        }
      },
    );
  });
});
