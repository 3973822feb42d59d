import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { CronLockError, CronSettingsError } from '../errors.ts';
import type { AtomicCache } from './AtomicCache.ts';
import { JobLock, type LockHolder } from './JobLock.ts';
import type { LockFactory } from './LockFactory.ts';

/** What stands under a lock's key. */
interface CacheLockValue {
  /** Known to the holder alone, so that nobody else's value is the same. */
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** By the cache's clock. */
  readonly since: number;
}

/**
 * A lease as a key of an atomic cache.
 *
 * Taking: the key is added, with a value that nobody else can have, for the time of the lease; the cache refuses it when
 * it is there. Renewing and releasing act only while the key has that very value, so a holder that slept past its lease
 * can neither prolong nor free its successor's lock. The cache lets an unrenewed key go by its own clock.
 */
export class CacheLock extends JobLock {
  readonly #cache: AtomicCache;
  readonly #key: string;
  readonly #leaseMillis: number;
  readonly #owner = randomUUID();
  #value = '';

  constructor(cache: AtomicCache, key: string, leaseSeconds: number) {
    super();
    this.#cache = cache;
    this.#key = key;
    this.#leaseMillis = leaseSeconds * 1_000;
  }

  async lock(): Promise<boolean> {
    const since = await this.#cache.now();
    const value: CacheLockValue = { owner: this.#owner, host: hostname(), pid: process.pid, since };
    this.#value = JSON.stringify(value);
    return this.#cache.add(this.#key, this.#value, this.#leaseMillis);
  }

  override async renew(): Promise<boolean> {
    return this.#cache.extend(this.#key, this.#value, this.#leaseMillis);
  }

  async release(): Promise<void> {
    await this.#cache.remove(this.#key, this.#value);
  }

  override async holder(): Promise<LockHolder | null> {
    return this.#holderOf(await this.#cache.get(this.#key));
  }

  override async forceRelease(): Promise<LockHolder | null> {
    for (;;) {
      const found = await this.#cache.get(this.#key);
      // Only while it is still that holder's: else whose lock was freed would be told wrongly.
      if (found === null || (await this.#cache.remove(this.#key, found.value))) {
        return this.#holderOf(found);
      }
    }
  }

  async #holderOf(found: { value: string; ttlMillis: number } | null): Promise<LockHolder | null> {
    if (found === null) {
      return null;
    }
    const { host, pid, since } = parse(found.value, this.#key);
    return { host, pid, since: new Date(since), until: new Date((await this.#cache.now()) + found.ttlMillis) };
  }
}

function parse(value: string, key: string): CacheLockValue {
  try {
    return JSON.parse(value) as CacheLockValue;
  } catch (cause) {
    throw new CronLockError(`Cache: the key '${key}' holds something else than a lock; give cacheLock() a keyPrefix`, {
      cause,
    });
  }
}

/** Which cache, and under which keys. */
export interface CacheLockOptions {
  /** The cache. @default the one of the settings `caches` and `cacheName` */
  readonly cache?: AtomicCache;
  /** What the keys begin with; hosts that share a cache but not their jobs need different ones. @default 'mikro-orm-cron:' */
  readonly keyPrefix?: string;
}

/** Locks in an atomic cache, Redis for instance: for hosts whose database shall not be asked, or is not shared. */
export function cacheLock({ cache, keyPrefix = 'mikro-orm-cron:' }: CacheLockOptions = {}): LockFactory {
  const factory: LockFactory = (job, _, { lockTimeSeconds, caches, cacheName }) =>
    new CacheLock(cache ?? caches[cacheName]!, `${keyPrefix}${job.code}`, lockTimeSeconds);
  factory.check = ({ caches, cacheName }) => {
    if (!cache && !caches[cacheName]) {
      throw new CronSettingsError(
        `cron({ lock }): cacheLock() finds no cache '${cacheName}' in the setting caches (${Object.keys(caches).join(', ') || 'none there'}); ` +
          'write cacheLock({ cache: redisCache(client) }), or caches: { default: redisCache(client) }',
      );
    }
  };
  return factory;
}
