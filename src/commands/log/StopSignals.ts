import type { Socket } from 'node:net';
import { endsGently } from '../../host/EndOnSignals.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ends a command that only looks on: at Ctrl-C, SIGTERM, and when nobody reads its output any more. */
export class StopSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #output: Socket;
  readonly #onStop = endsGently(() => this.#stop.abort());

  constructor(output: Socket = process.stdout) {
    this.#output = output;
    for (const signal of SIGNALS) {
      process.once(signal, this.#onStop);
    }
    output.once('error', this.#onStop);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) {
      process.off(signal, this.#onStop);
    }
    this.#output.off('error', this.#onStop);
  }
}
