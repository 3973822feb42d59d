import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe } from 'vitest';
import {
  type AtomicCache,
  cacheLock,
  type CronJobBase,
  cronEntities,
  databaseLock,
  defineCronJob,
  fileLock,
  JobLock,
  type KnownHolder,
  type LockHolder,
  type LockLease,
  type LockProvider,
  type LockSetting,
  memoryCache,
  redisCache,
  Schedule,
} from '../../src/index.ts';
import { openLocks } from '../../src/lock/HostLocks.ts';
import { Claimant } from './claims.ts';
import { createTestDatabase } from './database.ts';
import { startRedis, whyNoRedis } from './redis.ts';

/** What a backend's locks stand on while its tests run. */
interface Ground extends AsyncDisposable {
  readonly provider: LockProvider;
  /** Takes a lock as a tick does. */
  readonly acquire: (job: CronJobBase) => Promise<LockLease | null>;
}

/** One kind of lock. */
export interface BackendUnderTest {
  readonly name: string;
  /** Whether its locks end by themselves, and are renewed. */
  readonly hasLease: boolean;
  readonly prepare: () => Promise<Ground>;
}

/** The locks of a backend, by the code of a job. */
export interface LocksUnderTest {
  acquire(code: string, leaseSeconds?: number): Promise<LockLease | null>;
  holder(code: string): Promise<KnownHolder>;
  /** Not there where the backend cannot. */
  forceRelease(code: string): Promise<LockHolder | null> | undefined;
}

const settings = { lockTimeSeconds: 300, clock: undefined, caches: {}, cacheName: 'default', lockFilePath: undefined };

/** A lock of a host's own, by the contract of the docs. */
class HostLock extends JobLock {
  readonly #cache: AtomicCache;
  readonly #code: string;
  readonly #millis: number;
  readonly #value = JSON.stringify({ token: randomUUID(), pid: process.pid, since: Date.now() });

  constructor(cache: AtomicCache, code: string, lockTimeSeconds: number) {
    super();
    this.#cache = cache;
    this.#code = code;
    this.#millis = lockTimeSeconds * 1_000;
  }

  lock() {
    return this.#cache.add(this.#code, this.#value, this.#millis);
  }

  async release() {
    await this.#cache.remove(this.#code, this.#value);
  }

  override renew() {
    return this.#cache.extend(this.#code, this.#value, this.#millis);
  }

  override async holder() {
    const found = await this.#cache.get(this.#code);
    if (!found) {
      return null;
    }
    const { pid, since } = JSON.parse(found.value);
    return { host: hostname(), pid, since: new Date(since), until: new Date(Date.now() + found.ttlMillis) };
  }

  override async forceRelease() {
    const [holder, found] = [await this.holder(), await this.#cache.get(this.#code)];
    await this.#cache.remove(this.#code, found?.value ?? '');
    return holder;
  }
}

function groundOf(lock: LockSetting, dispose: () => Promise<unknown>): Ground {
  const provider = openLocks(lock, {} as never, settings);
  return {
    provider,
    acquire: async job => provider.acquire!(job),
    async [Symbol.asyncDispose]() {
      await dispose();
    },
  };
}

const backends: BackendUnderTest[] = [
  {
    name: 'databaseLock() on PostgreSQL',
    hasLease: true,
    async prepare() {
      const database = await createTestDatabase();
      const orm = (await database.init({ entities: cronEntities })) as SqlMikroORM;
      // As so many processes: the claims of one go one after the other.
      const claimants = Array.from({ length: 8 }, () => new Claimant(orm));
      let next = 0;
      return {
        provider: openLocks(databaseLock(), orm, settings, claimants[0]!.connection),
        async acquire({ code, lockTimeSeconds }) {
          const claimant = claimants[next++ % claimants.length]!;
          const result = await claimant.claim(code, { leaseSeconds: lockTimeSeconds! });
          return result.kind === 'claimed' ? claimant.lease(result, lockTimeSeconds) : null;
        },
        async [Symbol.asyncDispose]() {
          await Promise.all(claimants.map(claimant => claimant[Symbol.asyncDispose]()));
          await orm.close(true);
          await database[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'cacheLock() in memory',
    hasLease: true,
    prepare: async () => groundOf(cacheLock({ cache: memoryCache() }), async () => undefined),
  },
  {
    name: "a lock of the host's own class",
    hasLease: true,
    async prepare() {
      const cache = memoryCache();
      return groundOf(
        (job, _, { lockTimeSeconds }) => new HostLock(cache, job.code, lockTimeSeconds),
        async () => undefined,
      );
    },
  },
  {
    name: 'cacheLock() on Redis by ioredis',
    hasLease: true,
    async prepare() {
      const server = await startRedis();
      const client = new Redis(server.url);
      return groundOf(cacheLock({ cache: redisCache(client) }), async () => {
        client.disconnect();
        await server[Symbol.asyncDispose]();
      });
    },
  },
  {
    name: 'cacheLock() on Redis by node-redis',
    hasLease: true,
    async prepare() {
      const server = await startRedis();
      const client = createClient({ url: server.url });
      await client.connect();
      return groundOf(cacheLock({ cache: redisCache(client) }), async () => {
        client.destroy();
        await server[Symbol.asyncDispose]();
      });
    },
  },
  {
    name: 'fileLock()',
    hasLease: false,
    async prepare() {
      const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-locks-'));
      return groundOf(fileLock({ directory }), () => rm(directory, { recursive: true }));
    },
  },
];

/** A suite over every backend; one that this machine lacks is skipped by name, and fails in CI. */
export function describeLocks(body: (backend: BackendUnderTest, locks: LocksUnderTest) => void): void {
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
      const jobOf = (code: string, lockTimeSeconds = 300) =>
        defineCronJob({ code, lockTimeSeconds, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
      body(backend, {
        acquire: async (code, leaseSeconds) => ground!.acquire(jobOf(code, leaseSeconds)),
        holder: async code => (await ground!.provider.holders([jobOf(code)], new Date())).get(code),
        forceRelease: code => ground!.provider.forceRelease?.(jobOf(code)),
      });
    });
  }
}
