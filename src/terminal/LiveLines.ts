import { fitText } from './text.ts';

type Write = typeof process.stdout.write;

/** The part of a terminal's stream that lines are kept at the end of. */
export interface LiveStream {
  write: Write;
  readonly columns?: number;
}

/**
 * Lines that stay at the end of a terminal and change, while everything else that is written scrolls by above them: also
 * what jobs print, so for as long as it lives it stands in for the streams' `write`.
 */
export class LiveLines implements Disposable {
  readonly #terminal: LiveStream;
  readonly #streams: readonly LiveStream[];
  readonly #originals: readonly Write[];
  readonly #standIns: readonly Write[];
  #drawn = 0;
  #lines: readonly string[] = [];
  /** Whether somebody has written the beginning of a line, which must not be drawn into. */
  #isMidLine = false;
  #isOver = false;

  /**
   * @param terminal where the lines stand
   * @param others streams that may end on the same screen
   */
  constructor(terminal: LiveStream, others: readonly LiveStream[] = []) {
    this.#terminal = terminal;
    this.#streams = [terminal, ...others];
    this.#originals = this.#streams.map(stream => stream.write);
    this.#standIns = this.#streams.map((stream, index) => this.#standIn(this.#originals[index]!.bind(stream) as Write));
    for (const [index, stream] of this.#streams.entries()) {
      stream.write = this.#standIns[index]!;
    }
  }

  /** Shows these lines instead of the former. */
  show(lines: readonly string[]): void {
    this.#erase();
    this.#lines = lines;
    this.#draw();
  }

  [Symbol.dispose](): void {
    this.#erase();
    this.#isOver = true;
    for (const [index, stream] of this.#streams.entries()) {
      // Somebody else may stand in for ours by now, and will put ours back: it then only passes on.
      if (stream.write === this.#standIns[index]) {
        stream.write = this.#originals[index]!;
      }
    }
  }

  #standIn(original: Write): Write {
    return ((chunk: string | Uint8Array, ...rest: []) => {
      if (this.#isOver) {
        return original(chunk, ...rest);
      }
      this.#erase();
      const isWritten = original(chunk, ...rest);
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
      this.#isMidLine = text === '' ? this.#isMidLine : !text.endsWith('\n');
      this.#draw();
      return isWritten;
    }) as Write;
  }

  #erase(): void {
    if (this.#drawn > 0) {
      this.#raw(`\r\u001b[${this.#drawn}A\u001b[0J`);
      this.#drawn = 0;
    }
  }

  #draw(): void {
    if (this.#lines.length > 0 && !this.#isMidLine) {
      const width = (this.#terminal.columns || 80) - 1;
      this.#raw(this.#lines.map(line => `${fitText(line, width)}\n`).join(''));
      this.#drawn = this.#lines.length;
    }
  }

  #raw(text: string): void {
    this.#originals[0]!.call(this.#terminal, text);
  }
}
