/** The reasons for which a run is aborted. */
export interface AbortSources {
  /** Seconds until the run is aborted; `undefined` for no limit. */
  readonly timeoutSeconds: number | undefined;
  /** Aborted when the job's lock is lost. */
  readonly lockLost: AbortSignal | undefined;
  /** Aborted when somebody cancels the run. */
  readonly cancelled: AbortSignal | undefined;
  /** Aborted when running jobs must end because the process does. */
  readonly shutdown: AbortSignal | undefined;
}

/** One signal of all that may end a run, and their timers and listeners, which it takes away with itself. */
export class RunAbort implements Disposable {
  readonly #controller = new AbortController();
  /** Takes the listeners away. */
  readonly #unlink: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  /** Resolves when the signal is aborted. */
  readonly aborted: Promise<void>;

  constructor({ timeoutSeconds, lockLost, cancelled, shutdown }: AbortSources) {
    const { signal } = this.#controller;
    this.aborted = new Promise(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const source of [lockLost, cancelled, shutdown].filter(given => given !== undefined)) {
      const abort = () => this.#controller.abort(source.reason);
      if (source.aborted) {
        abort();
      }
      source.addEventListener('abort', abort);
      this.#unlink.push(() => source.removeEventListener('abort', abort));
    }
    if (timeoutSeconds !== undefined) {
      this.#timer = setTimeout(() => {
        this.#controller.abort(new DOMException(`Timed out after ${timeoutSeconds} s`, 'TimeoutError'));
      }, timeoutSeconds * 1000);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the run for a reason of its own. */
  because(reason: Error): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#unlink.forEach(unlink => unlink());
  }
}
