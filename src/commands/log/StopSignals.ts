import { shutdownListener } from '../../host/EndOnSignals.ts';
import type { OutputStream } from '../../terminal/Terminal.ts';
import { SHUTDOWN_SIGNALS } from '../run/ShutdownSignals.ts';

/** Ends a command that only reads: at Ctrl-C, SIGTERM or SIGHUP, and when its output is closed. */
export class StopSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #output: OutputStream;
  readonly #onStop = shutdownListener(() => this.#stop.abort());

  constructor(output: OutputStream) {
    this.#output = output;
    for (const signal of SHUTDOWN_SIGNALS) {
      process.once(signal, this.#onStop);
    }
    output.once?.('error', this.#onStop);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SHUTDOWN_SIGNALS) {
      process.off(signal, this.#onStop);
    }
    this.#output.off?.('error', this.#onStop);
  }
}
