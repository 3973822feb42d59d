import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { cacheLock, defineCronJob, redisCache, Schedule } from '../../src/index.ts';
import { resolveSettings } from '../../src/settings/resolveSettings.ts';
import { startRedis, whyNoRedis } from '../helpers/redis.ts';

const NOW = new Date();
const KEY = 'mikro-orm-cron:a.b';

it('a key of another kind or with a text that is no lock is reported by Redis and stays as it is', async ({ skip }) => {
  const missing = whyNoRedis();
  skip(missing !== undefined, missing);
  await using server = await startRedis();
  const client = new Redis(server.url);
  onTestFinished(() => client.disconnect());
  const locks = cacheLock({ cache: redisCache(client) }).open({} as never, resolveSettings({ jobs: [] }));
  const job = defineCronJob({ code: 'a.b', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
  const foreign: Record<string, [string, ...string[]]> = {
    hash: ['hset', KEY, 'field', 'value'],
    list: ['rpush', KEY, 'one'],
    set: ['sadd', KEY, 'one'],
    zset: ['zadd', KEY, '1', 'one'],
    string: ['set', KEY, 'somebody'],
  };
  for (const [kind, [command, ...args]] of Object.entries(foreign)) {
    await client.call(command, ...args);
    for (const ask of [
      async () => locks.acquire!(job),
      async () => locks.holders!([job], NOW),
      async () => locks.forceRelease!(job),
    ]) {
      await expect(ask()).rejects.toThrow(`Cache: the key "${KEY}" holds something other than a lock`);
    }
    expect(await client.type(KEY)).toBe(kind);
    await client.del(KEY);
  }
  expect(await locks.acquire!(job)).not.toBeNull();
  expect(await locks.acquire!(job)).toBeNull();
  expect((await locks.holders!([job], NOW)).get('a.b')).toMatchObject({ pid: process.pid });
  expect(await locks.forceRelease!(job)).toMatchObject({ pid: process.pid });
  expect(await client.exists(KEY)).toBe(0);
});
