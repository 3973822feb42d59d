import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something, but no longer than so many milliseconds. What comes of it later is nobody's concern any more.
 *
 * @throws what `late` makes when the time is up.
 */
export async function settleWithin<T>(millis: number, pending: Promise<T>, late: () => Error): Promise<T> {
  const patience = new AbortController();
  const timeout = delay(Math.max(millis, 0), undefined, { signal: patience.signal }).then(() => {
    throw late();
  });
  try {
    return await Promise.race([pending, timeout]);
  } finally {
    patience.abort();
    timeout.catch(() => undefined);
    pending.catch(() => undefined);
  }
}
