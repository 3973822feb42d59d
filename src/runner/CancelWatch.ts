import type { CronJobLog } from '../history/CronJobLog.ts';

/** Seconds between two looks at most, however long the leases are: a person waits for it. */
const LONGEST_WAIT = 5;

/** The reason of the signal of a run that somebody has cancelled. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled';

  constructor(by: string) {
    super(`Cancelled by ${by}`);
  }
}

/** A run that can be cancelled. */
export interface Cancellable extends Disposable {
  /** Aborted with {@link RunCancelled}. */
  readonly signal: AbortSignal;
}

interface Watched {
  readonly log: CronJobLog;
  readonly everyMillis: number;
  readonly abort: AbortController;
}

/**
 * Looks, for all runs of this process together, whether somebody has cancelled them: one small statement several times a
 * lease, so that the signal of a cancelled run is aborted within a third of its lease whatever lock it has, and when it has
 * none. Looks at nothing while nothing runs.
 */
export class CancelWatch {
  readonly #look: (codes: readonly string[]) => Promise<ReadonlyMap<number, string>>;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of the process. */
  #lookAt = 0;

  /** @param look gives the runs of these codes that are to end, and who asks for it */
  constructor(look: (codes: readonly string[]) => Promise<ReadonlyMap<number, string>>) {
    this.#look = look;
  }

  /** Watches a run until it is disposed of. */
  watch(log: CronJobLog, leaseSeconds: number): Cancellable {
    const everyMillis = Math.min(leaseSeconds / 4, LONGEST_WAIT) * 1_000;
    const watched = { log, everyMillis, abort: new AbortController() };
    this.#watched.add(watched);
    this.#schedule();
    return {
      signal: watched.abort.signal,
      [Symbol.dispose]: () => {
        this.#watched.delete(watched);
        if (this.#watched.size === 0) {
          clearTimeout(this.#timer);
          this.#timer = undefined;
        }
      },
    };
  }

  /** A look that comes sooner stays: runs that begin one after another must not put it off. */
  #schedule(): void {
    const wait = Math.min(...[...this.#watched].map(({ everyMillis }) => everyMillis));
    const at = performance.now() + wait;
    if (this.#timer === undefined || at < this.#lookAt) {
      clearTimeout(this.#timer);
      this.#lookAt = at;
      // A job that waits for what can never come must let the process notice that nothing else is left.
      this.#timer = setTimeout(() => void this.#cancel(), wait).unref();
    }
  }

  async #cancel(): Promise<void> {
    this.#timer = undefined;
    const codes = [...new Set([...this.#watched].map(({ log }) => log.code))];
    // A look that fails is made again: the run goes on meanwhile.
    const cancelled = await this.#look(codes).catch(() => new Map<number, string>());
    for (const { log, abort } of this.#watched) {
      const by = cancelled.get(log.id);
      if (by !== undefined && !abort.signal.aborted) {
        abort.abort(new RunCancelled(by));
      }
    }
    if (this.#watched.size > 0) {
      this.#schedule();
    }
  }
}
