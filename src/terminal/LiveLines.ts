import { interceptWrite, type Write } from './interceptWrite.ts';
import type { Terminal } from './Terminal.ts';
import { fitText, oneLine } from './text.ts';

/**
 * Lines that stay at the end of a terminal and change, while everything else that is written scrolls by above them: also
 * what jobs print, so for as long as it lives it stands in for the streams' `write`.
 */
export class LiveLines implements Disposable {
  readonly #terminal: Terminal;
  readonly #write: Write;
  readonly #interceptions: readonly Disposable[];
  #drawn = 0;
  #lines: readonly string[] = [];
  /** Whether somebody has written the beginning of a line, which must not be drawn into. */
  #isMidLine = false;

  /**
   * @param terminal where the lines stand
   * @param others what may end on the same screen
   */
  constructor(terminal: Terminal, others: readonly Terminal[] = []) {
    this.#terminal = terminal;
    this.#write = terminal.stream.write.bind(terminal.stream) as Write;
    this.#interceptions = [terminal, ...others].map(({ stream }) =>
      interceptWrite(stream, original => this.#replaceWrite(original)),
    );
  }

  /** Shows these lines instead of the former. */
  show(lines: readonly string[]): void {
    this.#erase();
    this.#lines = lines;
    this.#draw();
  }

  [Symbol.dispose](): void {
    this.#erase();
    for (const interception of this.#interceptions) {
      interception[Symbol.dispose]();
    }
  }

  #replaceWrite(original: Write): Write {
    return ((chunk: string | Uint8Array, ...rest: []) => {
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
      this.#write(`\r\u001b[${this.#drawn}A\u001b[0J`);
      this.#drawn = 0;
    }
  }

  #draw(): void {
    if (this.#lines.length > 0 && !this.#isMidLine) {
      const width = (this.#terminal.stream.columns || 80) - 1;
      this.#write(this.#lines.map(line => `${fitText(oneLine(line), width)}\n`).join(''));
      this.#drawn = this.#lines.length;
    }
  }
}
