import type { RunOptions } from './RunOptions.ts';

/** The signals by which something that is going on is ended. */
export interface EndSignals {
  /** Aborted when nothing further may begin. */
  readonly stop: AbortSignal;
  /** Aborted when what is running must end. */
  readonly shutdown: AbortSignal;
}

interface Entry {
  readonly stop: AbortController;
  readonly shutdown: AbortController;
  readonly ended: Promise<unknown>;
}

/** The ticks and loops that a runner has going, so that it can end them. */
export class Ongoing {
  readonly #entries = new Set<Entry>();

  /**
   * Does some work that `end()` ends too.
   *
   * @param outer signals of the caller's own, which count as well
   */
  async run<Value>(
    outer: Pick<RunOptions, 'stop' | 'shutdown'>,
    work: (signals: EndSignals) => Promise<Value>,
  ): Promise<Value> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const entry = { stop: new AbortController(), shutdown: new AbortController(), ended };
    const unlink = [follow(outer.stop, entry.stop), follow(outer.shutdown, entry.shutdown)];
    this.#entries.add(entry);
    try {
      return await work({ stop: entry.stop.signal, shutdown: entry.shutdown.signal });
    } finally {
      unlink.forEach(end => end());
      this.#entries.delete(entry);
      resolve();
    }
  }

  /** Ends everything: nothing further begins, and what is running has so many seconds to finish. Resolves when all has ended. */
  async end(reason: unknown, graceSeconds: number): Promise<void> {
    const entries = [...this.#entries];
    entries.forEach(({ stop }) => stop.abort(reason));
    const timer = setTimeout(() => entries.forEach(({ shutdown }) => shutdown.abort(reason)), graceSeconds * 1_000);
    await Promise.all(entries.map(({ ended }) => ended));
    clearTimeout(timer);
  }
}

/** Aborts when another signal does; not by `AbortSignal.any()`, since a caller's signal may outlive a million ticks. */
function follow(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) {
    abort();
  }
  signal?.addEventListener('abort', abort, { once: true });
  return () => signal?.removeEventListener('abort', abort);
}
