import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

type SignalListener = (signal: NodeJS.Signals) => void;

/** Listeners that shut their command down by themselves. */
const shutdownListeners = new WeakSet<object>();

/** Listeners of this class, which must not make each other listen. */
const own = new WeakSet<object>();

/** As Node made it: what is being loaded cannot exit, but a signal must. */
const { exit } = process;

/** Marks a listener of SIGTERM and SIGINT that shuts its command down: while it listens, no `EndOnSignals` acts. */
export function shutdownListener<Listener extends SignalListener>(listener: Listener): Listener {
  shutdownListeners.add(listener);
  return listener;
}

/**
 * Sees that SIGTERM and SIGINT end the process, as they do where nobody listens. Node keeps a process alive as soon as
 * somebody does, be it the host's code for a shutdown of its own, and the kernel keeps the first process of a container.
 * Listens only then: a signal without listeners also ends a process that is busy.
 */
export class EndOnSignals implements Disposable {
  constructor() {
    own.add(this.#onSignal);
    process.on('newListener', this.#onNewListener);
    for (const signal of SIGNALS) {
      if (process.pid === 1 || process.listenerCount(signal) > 0) {
        process.on(signal, this.#onSignal);
      }
    }
  }

  [Symbol.dispose](): void {
    process.off('newListener', this.#onNewListener);
    for (const signal of SIGNALS) {
      process.off(signal, this.#onSignal);
    }
  }

  readonly #onNewListener = (event: string | symbol, listener: object): void => {
    const signal = SIGNALS.find(name => name === event);
    if (
      signal &&
      !shutdownListeners.has(listener) &&
      !own.has(listener) &&
      !process.listeners(signal).includes(this.#onSignal)
    ) {
      process.on(signal, this.#onSignal);
    }
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (!process.listeners(signal).some(listener => shutdownListeners.has(listener))) {
      endAtOnce(signal);
    }
  };
}

/** Ends the process by a signal, as if it had no listeners. */
export function endAtOnce(signal: NodeJS.Signals): void {
  if (process.pid === 1) {
    // The kernel spares the first process of a container from signals that it does not handle.
    exit(128 + constants.signals[signal]);
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
