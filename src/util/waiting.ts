/**
 * Waits for a promise for at most so many milliseconds; a later result is ignored.
 *
 * @throws what `late` makes when the time is up.
 */
export async function settleWithin<T>(millis: number, pending: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // A plain timer: one with a signal costs an AbortError each time that it is not needed.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(millis, 0));
  });
  try {
    return await Promise.race([pending, timeout]);
  } finally {
    clearTimeout(timer);
    pending.catch(() => undefined);
  }
}

/** What comes of some work, or throws the reason of a signal that is aborted first: not everybody heeds a signal. */
export async function unlessAborted<Value>(work: Value | Promise<Value>, signal: AbortSignal): Promise<Value> {
  const settled = Promise.resolve(work);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) {
    abort();
  }
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([settled, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    settled.catch(() => undefined);
  }
}
