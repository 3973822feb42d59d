import { endAtOnce, shutdownListener } from '../../host/EndOnSignals.ts';
import type { Output } from '../../terminal/Output.ts';

/**
 * What asks a command to end. SIGHUP comes when a terminal or a session goes away, which streams do not show: a command
 * whose stdin is a file has a terminal too. Without a listener Node ends at once, also under `nohup`, since it forgets
 * at its start which signals it is to ignore.
 */
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Shuts a command down. On the first SIGTERM, SIGINT or SIGHUP `stop` is aborted: no further job starts. Running jobs have the
 * grace to finish, then `shutdown` is aborted, and with it their signals. A second signal ends the process at once, as
 * if nobody had been listening (where the kernel spares the process, see cli.ts).
 */
export class ShutdownSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #shutdown = new AbortController();
  readonly #graceSeconds: number;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #timer: NodeJS.Timeout | undefined;
  #isSignalled = false;

  /** @param onFirst called with the first signal */
  constructor(graceSeconds: number, onFirst: (signal: NodeJS.Signals) => void) {
    this.#graceSeconds = graceSeconds;
    this.#onSignal = shutdownListener(signal => {
      if (this.#isSignalled) {
        endAtOnce(signal);
        return;
      }
      this.#isSignalled = true;
      onFirst(signal);
      this.begin(`Shut down by ${signal}`);
    });
    for (const signal of SHUTDOWN_SIGNALS) {
      process.on(signal, this.#onSignal);
    }
  }

  /** Aborted when no further job may start. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted when running jobs must end. */
  get shutdown(): AbortSignal {
    return this.#shutdown.signal;
  }

  /** Shuts the command down, as the first signal does. */
  begin(why: string): void {
    if (this.stop.aborted) {
      return;
    }
    const reason = new DOMException(why, 'AbortError');
    this.#stop.abort(reason);
    this.#timer = setTimeout(() => this.#shutdown.abort(reason), this.#graceSeconds * 1000);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of SHUTDOWN_SIGNALS) {
      process.off(signal, this.#onSignal);
    }
  }
}

/** The signals of a command that runs jobs; the first one is reported on stderr. */
export function jobSignals(graceSeconds: number, out: Output): ShutdownSignals {
  return new ShutdownSignals(graceSeconds, signal => {
    out.error(
      `${signal}: no further job starts; running jobs have ${graceSeconds} s to finish; a second signal ends at once`,
    );
  });
}
