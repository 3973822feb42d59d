import { RunMessage } from '../history/RunMessage.ts';

/** How long written lines are gathered before they go into the row: a job that ends sooner costs no statement. */
const GATHER = 1_000;

/** What a run writes, on its way into the run's row while the run is still going. */
export class MessageStream implements Disposable {
  readonly #message = new RunMessage();
  readonly #save: (text: string) => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** @param save writes the row's message; when it fails, the row gets the lines with its outcome. */
  constructor(save: (text: string) => Promise<unknown>) {
    this.#save = save;
  }

  /** Appends a line. */
  readonly write = (line: string): void => {
    this.#message.write(String(line));
    if (this.#timer === undefined && !this.#isEnded) {
      this.#timer = setTimeout(() => this.#flush(), GATHER);
    }
  };

  /** All that was written, and how the run ended after it. */
  text(end: string): string {
    return this.#message.text(end);
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    const { bytes } = this.#message;
    this.#save(this.#message.text())
      .catch(() => undefined)
      .finally(() => {
        this.#timer = undefined;
        if (this.#message.bytes > bytes && !this.#isEnded) {
          this.#timer = setTimeout(() => this.#flush(), GATHER);
        }
      });
  }
}
