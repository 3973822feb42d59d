import { isatty } from 'node:tty';
import { endAtOnce, endsGently } from '../../host/EndOnSignals.ts';

/** Under `nohup` there is no terminal to lose, and SIGHUP must stay without effect. */
const SIGNALS = isatty(0) ? (['SIGTERM', 'SIGINT', 'SIGHUP'] as const) : (['SIGTERM', 'SIGINT'] as const);

/**
 * Ends a command gently. On the first SIGTERM, SIGINT, or SIGHUP of its terminal, `stop` is aborted: no further job starts. Running jobs have the
 * grace to finish, then `shutdown` is aborted, and with it their signals. A second signal ends the process at once, as
 * if nobody had been listening.
 */
export class ShutdownSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #shutdown = new AbortController();
  readonly #graceSeconds: number;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #timer: NodeJS.Timeout | undefined;
  #isSignalled = false;

  /** @param tell hears of the first signal */
  constructor(graceSeconds: number, tell: (signal: NodeJS.Signals) => void) {
    this.#graceSeconds = graceSeconds;
    this.#onSignal = endsGently(signal => {
      if (this.#isSignalled) {
        endAtOnce(signal);
        return;
      }
      this.#isSignalled = true;
      tell(signal);
      this.begin(`Shut down by ${signal}`);
    });
    for (const signal of SIGNALS) {
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

  /** Ends the command gently, as the first signal does. */
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
    for (const signal of SIGNALS) {
      process.off(signal, this.#onSignal);
    }
  }
}

/** The signals of a command that runs jobs; the first one is told on stderr. */
export function jobSignals(graceSeconds: number): ShutdownSignals {
  return new ShutdownSignals(graceSeconds, signal => {
    process.stderr.write(
      `mikro-orm-cron: ${signal}: no further job starts; running jobs have ${graceSeconds} s to finish; a second signal ends at once\n`,
    );
  });
}
