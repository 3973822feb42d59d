import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { Redis } from 'ioredis';
import {
  cacheLock,
  cronEntities,
  defineCronJob,
  fileLock,
  type LockSetting,
  memoryCache,
  redisCache,
  Schedule,
} from '../src/index.ts';
import { openLocks } from '../src/lock/HostLocks.ts';
import { Claimant, closeOf } from '../test/helpers/claims.ts';
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

type Cycle = () => Promise<unknown>;

/** A lock of a backend's own, taken and given back. */
function lockCycle(lock: LockSetting, host = orm): Cycle {
  const locks = openLocks(lock, host, settings);
  return async () => (await locks.acquire!(job))!.release();
}

/** What a lock in the database is part of: a job read, claimed with its row "running", and closed. */
function claimCycle(claimant: Claimant): Cycle {
  return async () => claimant.closes.close(closeOf(await claimant.mustClaim('bench')), 30);
}

async function measure(name: string, cycle: Cycle, floor: Cycle, counted: Cycle | string) {
  await time(50, cycle);
  await time(50, floor);
  const [ours, raw] = [await time(CYCLES, cycle), await time(CYCLES, floor)];
  const before = statements;
  await (typeof counted === 'string' ? undefined : counted());
  rows[name] = {
    'cycles per second': Math.round(1_000 / ours.median),
    'by hand': Math.round(1_000 / raw.median),
    ratio: Math.round((ours.median / raw.median) * 100) / 100,
    'statements per cycle': typeof counted === 'string' ? counted : statements - before,
  };
}

const raw = orm.em.fork();
await using claimant = new Claimant(orm);
await using counting = new Claimant(listening);
const byHand = async () => {
  const owner = randomUUID();
  await raw.execute(`select owner, locked_until > now() from cron_job_lock where code = 'floor'`);
  await raw.transactional(async em => {
    await em.execute(`select owner from cron_job_lock where code = 'floor' for update skip locked`);
    await em.execute(
      `insert into cron_job_lock (code, owner, host, pid, locked_at, locked_until) values ('floor', '${owner}', 'h', 1, now(), now() + interval '5 minutes')
         on conflict (code) do update set owner = excluded.owner, locked_at = now(), locked_until = excluded.locked_until`,
    );
    await em.execute(
      `insert into cron_job_log (code, start_time, status, message, host, pid) values ('floor', now(), 'running', '${owner}', 'h', 1)`,
    );
  });
  await raw.transactional(async em => {
    await em.execute(
      `update cron_job_log set status = 'succeeded', end_time = now() where code = 'floor' and status = 'running'`,
    );
    await em.execute(`update cron_job_lock set owner = null where code = 'floor' and owner = '${owner}'`);
  });
};
await measure(
  'databaseLock() on PostgreSQL, a whole claim and close',
  claimCycle(claimant),
  byHand,
  claimCycle(counting),
);

if (whyNoRedis() === undefined) {
  await using redis = await startRedis();
  const client = new Redis(redis.url);
  await measure(
    'cacheLock() on Redis by ioredis',
    lockCycle(cacheLock({ cache: redisCache(client) })),
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

await measure('cacheLock() in memory', lockCycle(cacheLock({ cache: memoryCache() })), async () => undefined, 'none');

const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-bench-'));
const { default: native } = await import('fs-native-extensions');
const { open } = await import('node:fs/promises');
await measure(
  'fileLock()',
  lockCycle(fileLock({ directory: join(directory, 'locks') })),
  async () => {
    const file = await open(join(directory, 'floor'), 'a+');
    native.tryLock(file.fd);
    await file.truncate();
    await file.write('{}');
    await file.truncate();
    await file.close();
  },
  'none',
);
await rm(directory, { recursive: true });

console.log(`A lock taken and given back, median of ${CYCLES}`);
console.table(rows);
