import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a promise for at most so many milliseconds; a later result is ignored.
 *
 * @throws what `late` makes when the time is up.
 */
export async function settleWithin<T>(millis: number, pending: Promise<T>, late: () => Error): Promise<T> {
  const timer = new AbortController();
  const timeout = delay(Math.max(millis, 0), undefined, { signal: timer.signal }).then(() => {
    throw late();
  });
  try {
    return await Promise.race([pending, timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => undefined);
    pending.catch(() => undefined);
  }
}

/** What comes of some work, or throws the reason of a signal that is aborted first: not everybody heeds a signal. */
export async function unlessAborted<Value>(work: Value | Promise<Value>, signal: AbortSignal): Promise<Value> {
  const settled = Promise.resolve(work);
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener('abort', abort, { signal: ended.signal });
  });
  try {
    return await Promise.race([settled, aborted]);
  } finally {
    ended.abort();
    settled.catch(() => undefined);
  }
}
