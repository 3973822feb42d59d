import { CronLockError } from '../errors.ts';
import { type OptionRule, readFunctionOptions } from '../util/options.ts';
import { isSeconds, SECONDS_ALLOWED } from '../util/rules.ts';
import { messageOf } from '../util/thrown.ts';
import type { AtomicCache } from './AtomicCache.ts';

/** A client of ioredis: single, cluster or sentinel. */
export interface IoredisClient {
  /** Sends any command. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** A connected client of node-redis. */
export interface NodeRedisClient {
  /** Sends any command. */
  sendCommand(args: string[]): Promise<unknown>;
}

/** Options of `redisCache()`. */
export interface RedisCacheOptions {
  /**
   * Seconds after which an unanswered command counts as failed: clients queue commands without limit while they are not
   * connected, and a tick must not wait for that.
   *
   * @default 5
   */
  readonly timeoutSeconds?: number;
}

const redisRules: Record<keyof RedisCacheOptions, OptionRule> = {
  timeoutSeconds: { allowed: SECONDS_ALLOWED, isAllowed: isSeconds },
};

const EXTEND = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end`;

const REMOVE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`;

// A key of another kind has no text that could be a lock's: it is given as an empty one.
const GET = `local t = redis.call('type', KEYS[1]).ok if t == 'none' then return false end return {t == 'string' and redis.call('get', KEYS[1]) or '', redis.call('pttl', KEYS[1])}`;

/**
 * Redis or Valkey: `SET NX PX` adds, and scripts that compare before they act, which Redis runs without anything between,
 * extend and remove. Of several Redis servers behind one another only the first counts: a failover may lose a lock.
 */
class RedisCache implements AtomicCache {
  readonly #send: (...args: [string, ...string[]]) => Promise<unknown>;
  readonly #timeoutSeconds: number;
  #silentUntil = -Infinity;

  constructor(client: IoredisClient | NodeRedisClient, timeoutSeconds: number) {
    this.#send =
      'call' in client
        ? async (command, ...args) => client.call(command, ...args)
        : async (...args) => client.sendCommand(args);
    this.#timeoutSeconds = timeoutSeconds;
  }

  async add(key: string, value: string, ttlMillis: number): Promise<boolean> {
    // A command that is answered too late has been carried out all the same: nobody holds what it has set.
    const undo = (answer: unknown) => answer !== null && this.#send('EVAL', REMOVE, '1', key, value);
    return (await this.#ask(['SET', key, value, 'NX', 'PX', millis(ttlMillis)], undo)) !== null;
  }

  async extend(key: string, value: string, ttlMillis: number): Promise<boolean> {
    return Number(await this.#ask(['EVAL', EXTEND, '1', key, value, millis(ttlMillis)])) === 1;
  }

  async remove(key: string, value: string): Promise<boolean> {
    return Number(await this.#ask(['EVAL', REMOVE, '1', key, value])) === 1;
  }

  async get(key: string): Promise<{ value: string; ttlMillis: number } | null> {
    const found = (await this.#ask(['EVAL', GET, '1', key])) as [string, number] | null;
    return found && { value: String(found[0]), ttlMillis: Number(found[1]) };
  }

  async now(): Promise<number> {
    const [seconds, micros] = (await this.#ask(['TIME'])) as [string, string];
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  /** @param undo gets an answer that comes too late */
  async #ask(args: [string, ...string[]], undo?: (answer: unknown) => unknown): Promise<unknown> {
    if (performance.now() < this.#silentUntil) {
      throw new CronLockError('Redis: it did not answer the previous command');
    }
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Every job of a tick would wait as long for the same silence.
        isLate = true;
        this.#silentUntil = performance.now() + this.#timeoutSeconds * 1_000;
        reject(new CronLockError(`Redis: no answer within ${this.#timeoutSeconds} s`));
      }, this.#timeoutSeconds * 1_000);
    });
    const sent = this.#send(...args);
    sent.then(answer => isLate && undo?.(answer)).catch(() => undefined);
    try {
      return await Promise.race([sent, late]);
    } catch (cause) {
      if (cause instanceof CronLockError) {
        throw cause;
      }
      throw new CronLockError(`Redis: ${reasonOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

function millis(ttlMillis: number): string {
  return String(Math.max(1, Math.round(ttlMillis)));
}

/** A client's error can have an empty message and its reasons in `errors`. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(reasonOf).join('; ');
  }
  return messageOf(error);
}

/**
 * Redis or Valkey as the cache of `cacheLock()`.
 *
 * @param client of ioredis or of node-redis, which must be connected; the host makes it, and the host closes it
 * @throws CronLockError when it is neither, is a cluster or sentinel of node-redis, or an option is not allowed.
 * @example
 * ```ts
 * cron({ jobs, lock: cacheLock({ cache: redisCache(new Redis(process.env.REDIS_URL)) }) });
 * ```
 */
export function redisCache(client: IoredisClient | NodeRedisClient, options: RedisCacheOptions = {}): AtomicCache {
  const { timeoutSeconds = 5 } = readFunctionOptions<RedisCacheOptions>(
    'redisCache()',
    options,
    redisRules,
    message => new CronLockError(message),
  );
  const candidate = client as Partial<IoredisClient & NodeRedisClient> | null | undefined;
  if (typeof candidate?.call !== 'function' && typeof candidate?.sendCommand !== 'function') {
    throw new CronLockError(
      'redisCache(): the client has neither call() nor sendCommand(); give it a client of ioredis or of node-redis',
    );
  }
  const kind = typeof candidate.call === 'function' ? undefined : routingKind(client);
  if (kind) {
    throw new CronLockError(
      `redisCache(): a ${kind} of node-redis cannot be used, since its sendCommand() takes other arguments;` +
        ' give it a client of ioredis, or one of node-redis to the master',
    );
  }
  return new RedisCache(client, timeoutSeconds);
}

/** Clients of node-redis that choose a server for each command, from arguments that come before it. */
function routingKind(client: object): 'cluster' | 'sentinel' | undefined {
  if ('getSentinelNode' in client) {
    return 'sentinel';
  }
  return 'masters' in client && 'slots' in client ? 'cluster' : undefined;
}
