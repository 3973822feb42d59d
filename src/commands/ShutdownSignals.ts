const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Ends a command gently. On the first SIGTERM or SIGINT `stop` is aborted: no further job starts. Running jobs have the
 * grace to finish, then `shutdown` is aborted, and with it their signals. A second signal ends the process at once, as
 * if nobody had been listening.
 */
export class ShutdownSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #shutdown = new AbortController();
  readonly #graceSeconds: number;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(graceSeconds: number, tell: (line: string) => void) {
    this.#graceSeconds = graceSeconds;
    this.#onSignal = signal => {
      if (this.stop.aborted) {
        this[Symbol.dispose]();
        process.kill(process.pid, signal);
        return;
      }
      tell(
        `${signal}: no further job starts; running jobs have ${graceSeconds} s to finish; a second signal ends at once`,
      );
      this.#begin(signal);
    };
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

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of SIGNALS) {
      process.off(signal, this.#onSignal);
    }
  }

  #begin(signal: NodeJS.Signals): void {
    const reason = new DOMException(`Shut down by ${signal}`, 'AbortError');
    this.#stop.abort(reason);
    this.#timer = setTimeout(() => this.#shutdown.abort(reason), this.#graceSeconds * 1000);
  }
}
