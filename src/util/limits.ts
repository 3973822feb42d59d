import { unlessAborted } from './waiting.ts';

/** How long something may take, and what ends the wait for it earlier. */
export interface Limit {
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Seconds that a database or a file may take where nothing else is set. */
export const DEFAULT_LIMIT_SECONDS = 30;

let hasGivenUp = false;

/** Whether some work was given up before it settled: then the database is not expected to answer a close either. */
export function isWaitedForInVain(): boolean {
  return hasGivenUp;
}

/**
 * What comes of some work, within a limit. What comes of it later is lost.
 *
 * @throws what `late` makes when the time is up, or the signal's reason when that is aborted first.
 */
export async function within<Value>(
  { seconds, signal }: Limit,
  work: Promise<Value>,
  late: () => Error,
): Promise<Value> {
  const end = new AbortController();
  let hasSettled = false;
  const settled = work.finally(() => (hasSettled = true));
  const onAbort = () => end.abort(signal?.reason);
  if (signal?.aborted) {
    onAbort();
  }
  signal?.addEventListener('abort', onAbort);
  // Keeps the process alive: what is waited for may hold nothing that does.
  const timer = setTimeout(() => end.abort(late()), seconds * 1_000);
  try {
    return await unlessAborted(settled, end.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    hasGivenUp ||= !hasSettled;
  }
}
