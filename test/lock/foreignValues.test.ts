import { expect, it } from 'vitest';
import {
  type AtomicCache,
  cacheLock,
  defineCronJob,
  fileLock,
  memoryCache,
  redisCache,
  Schedule,
} from '../../src/index.ts';
import { resolveSettings } from '../../src/settings/resolveSettings.ts';

const job = defineCronJob({ code: 'a.b', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });

function open(cache: AtomicCache) {
  return cacheLock({ cache }).open({} as never, resolveSettings({ jobs: [] }));
}

it.each([
  '',
  'session of somebody',
  '5',
  'null',
  '[]',
  '{}',
  '"text"',
  '{"host":"h","pid":1}',
  '{"owner":"o","host":"h","pid":"1","since":5}',
  '{"owner":"o","host":"h","pid":1,"since":null}',
  '{"owner":"o","host":"h","pid":1,"since":1e99}',
  '{"owner":5,"host":"h","pid":1,"since":5}',
  'x\u001b[2J',
])('a value that is no lock (%j) under our key is reported, held by nobody, and left as it is', async value => {
  const cache = memoryCache();
  await cache.add('mikro-orm-cron:a.b', value, 60_000);
  const locks = open(cache);
  const message =
    'Cache: the key "mikro-orm-cron:a.b" holds something other than a lock; give cacheLock() a keyPrefix that nothing else uses';
  await expect(locks.acquire!(job)).rejects.toThrow(message);
  await expect(locks.holders!([job], new Date())).rejects.toThrow(message);
  await expect(locks.forceRelease!(job)).rejects.toThrow(message);
  expect(await cache.get('mikro-orm-cron:a.b')).toMatchObject({ value });
});

it('a lock that another run holds is a holder as before', async () => {
  const locks = open(memoryCache());
  const lease = await locks.acquire!(job);
  expect(lease).not.toBeNull();
  expect(await locks.acquire!(job)).toBeNull();
  expect(await locks.forceRelease!(job)).toMatchObject({ pid: process.pid });
});

it.each<[object, string]>([
  [{ prefix: 'x:' }, 'cacheLock(): there is no option prefix; there are cache, keyPrefix'],
  [{ keyprefix: 'x:' }, 'cacheLock(): there is no option keyprefix; did you mean keyPrefix?'],
  [{ keyPrefix: 5 }, 'cacheLock(): keyPrefix 5 is not allowed; it must be a text on one line'],
  [{ cache: {} }, 'cacheLock(): cache {} is not allowed; it must be a cache such as redisCache(client)'],
])('cacheLock() refuses %o', (options, message) => {
  expect(() => cacheLock(options)).toThrow(message);
});

it('no options at all are refused as such', () => {
  expect(() => cacheLock(null as never)).toThrow('cacheLock(): null is not an object of options; there are cache, ');
  const client = { call: async () => null };
  expect(() => fileLock(null as never)).toThrow('fileLock(): null is not an object of options; there are directory');
  expect(() => fileLock({ path: '/tmp' } as object)).toThrow(
    'fileLock(): there is no option path; there are directory',
  );
  expect(() => fileLock({ directory: '' })).toThrow('fileLock(): directory "" is not allowed');
  expect(() => redisCache(client, null as never)).toThrow('redisCache(): null is not an object of options');
  expect(() => redisCache(client, { timeout: 5 } as object)).toThrow(
    'redisCache(): there is no option timeout; there are timeoutSeconds',
  );
});
