import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe } from 'vitest';
import {
  cacheLock,
  cronEntities,
  databaseLock,
  defineCronJob,
  fileLock,
  type JobLock,
  type LockFactory,
  memoryCache,
  redisCache,
  Schedule,
} from '../../src/index.ts';
import { createTestDatabase } from './database.ts';
import { startRedis, whyNoRedis } from './redis.ts';

/** What a backend's locks stand on while its tests run. */
interface Ground extends AsyncDisposable {
  readonly factory: LockFactory;
  readonly orm?: SqlMikroORM;
}

/** One kind of lock. */
export interface LockBackend {
  readonly name: string;
  /** Whether its locks end by themselves, and are renewed. */
  readonly hasLease: boolean;
  readonly prepare: () => Promise<Ground>;
}

const backends: LockBackend[] = [
  {
    name: 'databaseLock() on PostgreSQL',
    hasLease: true,
    async prepare() {
      const database = await createTestDatabase();
      const orm = (await database.init({ entities: cronEntities })) as SqlMikroORM;
      return {
        factory: databaseLock(),
        orm,
        async [Symbol.asyncDispose]() {
          await orm.close(true);
          await database[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'cacheLock() in memory',
    hasLease: true,
    prepare: async () => ({
      factory: cacheLock({ cache: memoryCache() }),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  },
  {
    name: 'cacheLock() on Redis by ioredis',
    hasLease: true,
    async prepare() {
      const server = await startRedis();
      const client = new Redis(server.url);
      return {
        factory: cacheLock({ cache: redisCache(client) }),
        async [Symbol.asyncDispose]() {
          client.disconnect();
          await server[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'cacheLock() on Redis by node-redis',
    hasLease: true,
    async prepare() {
      const server = await startRedis();
      const client = createClient({ url: server.url });
      await client.connect();
      return {
        factory: cacheLock({ cache: redisCache(client) }),
        async [Symbol.asyncDispose]() {
          client.destroy();
          await server[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'fileLock()',
    hasLease: false,
    async prepare() {
      const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-locks-'));
      return {
        factory: fileLock({ directory }),
        [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
      };
    },
  },
];

/** A suite over every backend; one that this machine lacks is skipped by name, and fails in CI. */
export function describeLocks(
  body: (backend: LockBackend, lock: (code?: string, lockTimeSeconds?: number) => JobLock) => void,
): void {
  for (const backend of backends) {
    const missing = backend.name.includes('Redis') ? whyNoRedis() : undefined;
    describe.skipIf(missing !== undefined)(`${backend.name}${missing ? `: ${missing}` : ''}`, () => {
      let ground: Ground | undefined;
      beforeAll(async () => {
        ground = await backend.prepare();
      });
      afterAll(async () => {
        await ground?.[Symbol.asyncDispose]();
      });
      body(backend, (code = 'a', lockTimeSeconds = 300) => {
        const job = defineCronJob({ code, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
        const settings = {
          lockTimeSeconds,
          clock: undefined,
          caches: {},
          cacheName: 'default',
          lockFilePath: undefined,
        };
        return ground!.factory(job, ground!.orm as never, settings);
      });
    });
  }
}
