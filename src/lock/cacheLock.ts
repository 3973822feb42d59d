import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { CronLockError, CronSettingsError } from '../errors.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { type OptionRule, readFunctionOptions } from '../util/options.ts';
import { showValue } from '../util/rules.ts';
import { type AtomicCache, isAtomicCache } from './AtomicCache.ts';
import type { LockHolder } from './LockHolder.ts';
import {
  leaseSecondsOf,
  type LockBackend,
  type LockLease,
  type LockProvider,
  type LockSettings,
} from './LockProvider.ts';

/** The value of a lock's key. */
interface CacheLockValue {
  /** Known to the holder alone, so that nobody else's value is the same. */
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** By the cache's clock. */
  readonly since: number;
}

/**
 * Leases as keys of an atomic cache.
 *
 * Taking: the key is added, with a value that nobody else can have, for the time of the lease; the cache refuses it when
 * it is there. Renewing and releasing act only while the key has that very value, so a holder that slept past its lease
 * can neither prolong nor free its successor's lock. The cache lets an unrenewed key go by its own clock.
 */
class CacheLocks implements LockProvider {
  readonly name = 'cacheLock()';
  readonly #cache: AtomicCache;
  readonly #keyPrefix: string;
  readonly #settings: LockSettings;

  constructor(cache: AtomicCache, keyPrefix: string, settings: LockSettings) {
    this.#cache = cache;
    this.#keyPrefix = keyPrefix;
    this.#settings = settings;
  }

  async acquire(job: CronJobBase): Promise<LockLease | null> {
    const cache = this.#cache;
    const [key, leaseMillis] = [this.#keyOf(job), leaseSecondsOf(job, this.#settings) * 1_000];
    const since = await cache.now();
    const content: CacheLockValue = { owner: randomUUID(), host: hostname(), pid: process.pid, since };
    const value = JSON.stringify(content);
    if (!(await cache.add(key, value, leaseMillis))) {
      // Held by another run, unless the value is nobody's lock: that would keep the job from running without a word.
      await this.#holderOf(await cache.get(key), key);
      return null;
    }
    return {
      renew: async () => cache.extend(key, value, leaseMillis),
      release: async () => void (await cache.remove(key, value)),
    };
  }

  async holders(jobs: readonly CronJobBase[]): Promise<ReadonlyMap<string, LockHolder | null>> {
    const ask = async (job: CronJobBase): Promise<[string, LockHolder | null]> => {
      const key = this.#keyOf(job);
      return [job.code, await this.#holderOf(await this.#cache.get(key), key)];
    };
    return new Map(await Promise.all(jobs.map(ask)));
  }

  async forceRelease(job: CronJobBase): Promise<LockHolder | null> {
    const key = this.#keyOf(job);
    for (;;) {
      const found = await this.#cache.get(key);
      // Before anything is removed, since a value that is no lock is somebody else's.
      const holder = await this.#holderOf(found, key);
      // Only while it is still that holder's: otherwise whose lock was freed would be reported wrongly.
      if (found === null || (await this.#cache.remove(key, found.value))) {
        return holder;
      }
    }
  }

  #keyOf({ code }: CronJobBase): string {
    return `${this.#keyPrefix}${code}`;
  }

  async #holderOf(found: { value: string; ttlMillis: number } | null, key: string): Promise<LockHolder | null> {
    if (found === null) {
      return null;
    }
    const { host, pid, since } = parse(found.value, key);
    return { host, pid, since: new Date(since), until: new Date((await this.#cache.now()) + found.ttlMillis) };
  }
}

/** @throws CronLockError when a key's value is not one that {@link CacheLocks.acquire} writes. */
function parse(value: string, key: string): CacheLockValue {
  let cause: unknown;
  try {
    const content: unknown = JSON.parse(value);
    if (isLockValue(content)) {
      return content;
    }
  } catch (error) {
    cause = error;
  }
  throw new CronLockError(
    `Cache: the key ${showValue(key)} holds something other than a lock; give cacheLock() a keyPrefix that nothing else uses`,
    { cause },
  );
}

function isLockValue(content: unknown): content is CacheLockValue {
  const { owner, host, pid, since } = Object(content) as Partial<CacheLockValue>;
  return (
    typeof owner === 'string' &&
    typeof host === 'string' &&
    Number.isSafeInteger(pid) &&
    typeof since === 'number' &&
    !Number.isNaN(new Date(since).getTime())
  );
}

/** Options of `cacheLock()`. */
export interface CacheLockOptions {
  /** The cache. @default the one of the settings `caches` and `cacheName` */
  readonly cache?: AtomicCache;
  /** What the keys begin with; hosts that share a cache but not their jobs need different ones. @default 'mikro-orm-cron:' */
  readonly keyPrefix?: string;
}

const cacheLockRules: Record<keyof CacheLockOptions, OptionRule> = {
  cache: { allowed: 'a cache such as redisCache(client)', isAllowed: isAtomicCache },
  keyPrefix: {
    allowed: 'a text on one line',
    isAllowed: value => typeof value === 'string' && !/\p{Cc}/u.test(value),
  },
};

/**
 * Locks in an atomic cache, Redis for instance: for hosts whose database must not be asked, or is not shared.
 *
 * @throws CronSettingsError when an option is unknown or not allowed.
 */
export function cacheLock(options: CacheLockOptions = {}): LockBackend {
  const { cache, keyPrefix = 'mikro-orm-cron:' } = readFunctionOptions<CacheLockOptions>(
    'cacheLock()',
    options,
    cacheLockRules,
    message => new CronSettingsError(message),
  );
  return {
    open: (_, settings) => new CacheLocks(cache ?? settings.caches[settings.cacheName]!, keyPrefix, settings),
    check: ({ caches, cacheName }) => {
      if (!cache && !caches[cacheName]) {
        throw new CronSettingsError(
          `cron({ lock }): cacheLock() finds no cache '${cacheName}' in the setting caches (${Object.keys(caches).join(', ') || 'none there'}); ` +
            'write cacheLock({ cache: redisCache(client) }), or caches: { default: redisCache(client) }',
        );
      }
    },
  };
}
