import { setTimeout as delay } from 'node:timers/promises';
import { oneLine, scrubSecrets } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';
import type { TickEvent, TickListener } from './TickEvent.ts';

/** How long the end of a tick waits for listeners that have not settled, in milliseconds. */
const SETTLE_MILLIS = 10_000;

/**
 * The listeners of a tick: the caller, the hooks of the settings, the pings of jobs. None of them can break a tick or
 * hold up a job: what they throw is reported to the others as a warning, and only the end of a tick waits for slow ones,
 * for a limited time.
 */
export class Listeners {
  readonly #listeners: readonly TickListener[];
  readonly #pending = new Set<Promise<void>>();

  constructor(listeners: readonly (TickListener | undefined)[]) {
    this.#listeners = listeners.filter(listener => listener !== undefined);
  }

  /** Calls every listener with an event. */
  readonly emit = (given: TickEvent): void => {
    // A warning quotes others, a database or a hook: it is shown on one line, without their secrets.
    const event =
      given.type === 'warning' ? { ...given, message: oneLine(scrubSecrets(given.message), 10_000) } : given;
    for (const listener of this.#listeners) {
      try {
        const answer = listener(event);
        if (isThenable(answer)) {
          this.#await(event, Promise.resolve(answer));
        }
      } catch (error) {
        this.#reportFailure(event, error);
      }
    }
  };

  /** Waits until every listener has settled, for a limited time. */
  async settle(): Promise<void> {
    if (this.#pending.size === 0) {
      return;
    }
    const timer = new AbortController();
    const end = delay(SETTLE_MILLIS, 'late', { signal: timer.signal }).catch(() => undefined);
    if ((await Promise.race([Promise.all(this.#pending), end])) === 'late') {
      const message = `${this.#pending.size} listeners have not settled within ${SETTLE_MILLIS / 1000} s of the tick's end`;
      this.emit({ type: 'warning', job: null, message, error: undefined });
    }
    timer.abort();
  }

  #await(event: TickEvent, answer: Promise<unknown>): void {
    const settled: Promise<void> = answer
      .then(
        () => undefined,
        (error: unknown) => this.#reportFailure(event, error),
      )
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  #reportFailure(event: TickEvent, error: unknown): void {
    // A listener that fails on a warning must not cause another one.
    if (event.type !== 'warning') {
      const text = messageOf(error);
      this.emit({ type: 'warning', job: null, message: `a listener failed at '${event.type}': ${text}`, error });
    }
  }
}

/** Also a promise of another realm, or of a library. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
