import type { AtomicCache } from './AtomicCache.ts';

class MemoryCache implements AtomicCache {
  readonly #entries = new Map<string, { value: string; endsAt: number }>();

  async add(key: string, value: string, ttlMillis: number): Promise<boolean> {
    if (this.#live(key)) {
      return false;
    }
    this.#entries.set(key, { value, endsAt: performance.now() + ttlMillis });
    return true;
  }

  async extend(key: string, value: string, ttlMillis: number): Promise<boolean> {
    const entry = this.#live(key);
    if (entry?.value !== value) {
      return false;
    }
    entry.endsAt = performance.now() + ttlMillis;
    return true;
  }

  async remove(key: string, value: string): Promise<boolean> {
    return this.#live(key)?.value === value && this.#entries.delete(key);
  }

  async get(key: string): Promise<{ value: string; ttlMillis: number } | null> {
    const entry = this.#live(key);
    return entry ? { value: entry.value, ttlMillis: entry.endsAt - performance.now() } : null;
  }

  async now(): Promise<number> {
    return Date.now();
  }

  #live(key: string): { value: string; endsAt: number } | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry.endsAt <= performance.now()) {
      this.#entries.delete(key);
      return undefined;
    }
    return entry;
  }
}

/**
 * A cache in the memory of this process, for tests and for hosts that are one process. It keeps **no other process**
 * from running a job: `runcrons` from crontab is a process of its own each time.
 */
export function memoryCache(): AtomicCache {
  return new MemoryCache();
}
