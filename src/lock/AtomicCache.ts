/**
 * A cache that several processes share and that can do three things in one step each, which is what a lock needs:
 * MikroORM's own cache adapters cannot. All times are the cache's own, so hosts with wrong clocks agree.
 */
export interface AtomicCache {
  /** Sets a key to a value for so many milliseconds; `false` when the key is there already. */
  add(key: string, value: string, ttlMillis: number): Promise<boolean>;

  /** Starts a key's time anew, if it still has this value; `false` when it has not. */
  extend(key: string, value: string, ttlMillis: number): Promise<boolean>;

  /** Deletes a key, if it still has this value; `false` when it has not. */
  remove(key: string, value: string): Promise<boolean>;

  /** A key's value and how many milliseconds it has left; `null` when it is not there. */
  get(key: string): Promise<{ readonly value: string; readonly ttlMillis: number } | null>;

  /** The cache's own time, in milliseconds since 1970. */
  now(): Promise<number>;
}

/** Whether a value has the methods of an {@link AtomicCache}. */
export function isAtomicCache(value: unknown): value is AtomicCache {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['add', 'extend', 'remove', 'get', 'now'].every(
      name => typeof (value as Record<string, unknown>)[name] === 'function',
    )
  );
}
