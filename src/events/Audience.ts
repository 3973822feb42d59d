import { setTimeout as delay } from 'node:timers/promises';
import { oneLine, scrubSecrets } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';
import type { TickEvent, TickListener } from './TickEvent.ts';

/** How long the end of a tick waits for listeners that have not settled, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Those who hear of a tick: the caller, the hooks of the settings, the pings of jobs. None of them can break a tick or
 * hold up a job: what they throw is told to the others as trouble, and only the end of a tick waits for the slow, and
 * not for ever.
 */
export class Audience {
  readonly #listeners: readonly TickListener[];
  readonly #pending = new Set<Promise<void>>();

  constructor(listeners: readonly (TickListener | undefined)[]) {
    this.#listeners = listeners.filter(listener => listener !== undefined);
  }

  /** Tells everybody of an event. */
  readonly tell = (given: TickEvent): void => {
    // Trouble quotes others, a database or a hook: it is told in one line, and without their secrets.
    const event =
      given.type === 'trouble' ? { ...given, message: oneLine(scrubSecrets(given.message), 10_000) } : given;
    for (const listener of this.#listeners) {
      try {
        const answer = listener(event);
        if (isThenable(answer)) {
          this.#await(event, Promise.resolve(answer));
        }
      } catch (error) {
        this.#complain(event, error);
      }
    }
  };

  /** Waits until every listener has settled, but not for ever. */
  async settle(): Promise<void> {
    if (this.#pending.size === 0) {
      return;
    }
    const patience = new AbortController();
    const end = delay(PATIENCE, 'late', { signal: patience.signal }).catch(() => undefined);
    if ((await Promise.race([Promise.all(this.#pending), end])) === 'late') {
      const message = `${this.#pending.size} listeners have not settled within ${PATIENCE / 1000} s of the tick's end`;
      this.tell({ type: 'trouble', job: null, message, error: undefined });
    }
    patience.abort();
  }

  #await(event: TickEvent, answer: Promise<unknown>): void {
    const settled: Promise<void> = answer
      .then(
        () => undefined,
        (error: unknown) => this.#complain(event, error),
      )
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  #complain(event: TickEvent, error: unknown): void {
    // A listener that cannot even hear of trouble must not make more of it.
    if (event.type !== 'trouble') {
      const text = messageOf(error);
      this.tell({ type: 'trouble', job: null, message: `a listener failed at '${event.type}': ${text}`, error });
    }
  }
}

/** Also a promise of another realm, or of a library. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
