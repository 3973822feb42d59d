import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { Redis } from 'ioredis';
import {
  cacheLock,
  cronEntities,
  databaseLock,
  defineCronJob,
  fileLock,
  type LockFactory,
  memoryCache,
  redisCache,
  Schedule,
} from '../src/index.ts';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';
import { startRedis, whyNoRedis } from '../test/helpers/redis.ts';
import { time } from './measure.ts';

/** Taking and giving back a lock, beside the same cycle written by hand as the floor. */
const CYCLES = 500;

await using server = await startPostgres();
const url = await createMigratedDatabase(server.url, 'bench');
let statements = 0;
await using orm = await MikroORM.init({ clientUrl: url, entities: cronEntities });
// To listen costs time, so statements are counted on an ORM of their own.
await using listening = await MikroORM.init({
  clientUrl: url,
  entities: cronEntities,
  debug: ['query'],
  logger: () => void statements++,
});
const job = defineCronJob({ code: 'bench', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
const settings = { lockTimeSeconds: 300, clock: undefined, caches: {}, cacheName: 'default', lockFilePath: undefined };
const rows: Record<string, object> = {};

async function measure(name: string, factory: LockFactory, floor: () => Promise<unknown>, commands?: string) {
  const cycle = async (host = orm) => {
    const lock = factory(job, host as never, settings);
    if (!(await lock.lock())) {
      throw new Error(`${name} could not be taken`);
    }
    await lock.release();
  };
  await time(50, () => cycle());
  await time(50, floor);
  const [ours, raw] = [await time(CYCLES, () => cycle()), await time(CYCLES, floor)];
  const before = statements;
  await cycle(listening);
  rows[name] = {
    'cycles per second': Math.round(1_000 / ours.median),
    'by hand': Math.round(1_000 / raw.median),
    ratio: Math.round((ours.median / raw.median) * 100) / 100,
    'statements per cycle': commands ?? statements - before,
  };
}

const raw = orm.em.fork();
await measure('databaseLock() on PostgreSQL', databaseLock(), async () => {
  const owner = randomUUID();
  await raw.transactional(async em => {
    await em.execute(
      `select owner, locked_until > now() from cron_job_lock where code = 'floor' for update skip locked`,
    );
    await em.execute(
      `insert into cron_job_lock (code, owner, host, pid, locked_at, locked_until) values ('floor', '${owner}', 'h', 1, now(), now() + interval '5 minutes')
         on conflict (code) do update set owner = excluded.owner, locked_at = now(), locked_until = excluded.locked_until`,
    );
  });
  await raw.execute(`update cron_job_lock set owner = null where code = 'floor' and owner = '${owner}'`);
});

if (whyNoRedis() === undefined) {
  await using redis = await startRedis();
  const client = new Redis(redis.url);
  await measure(
    'cacheLock() on Redis by ioredis',
    cacheLock({ cache: redisCache(client) }),
    async () => {
      const value = randomUUID();
      await client.set('floor', value, 'PX', 300_000, 'NX');
      await client.eval(
        `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`,
        1,
        'floor',
        value,
      );
    },
    '3 commands',
  );
  client.disconnect();
}

await measure('cacheLock() in memory', cacheLock({ cache: memoryCache() }), async () => undefined);

const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-bench-'));
const { default: native } = await import('fs-native-extensions');
const { open } = await import('node:fs/promises');
await measure('fileLock()', fileLock({ directory: join(directory, 'locks') }), async () => {
  const file = await open(join(directory, 'floor'), 'a+');
  native.tryLock(file.fd);
  await file.truncate();
  await file.write('{}');
  await file.truncate();
  await file.close();
});
await rm(directory, { recursive: true });

console.log(`A lock taken and given back, median of ${CYCLES}`);
console.table(rows);
