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
