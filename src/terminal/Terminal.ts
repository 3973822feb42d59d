import { styleText } from 'node:util';

/** What a piece of text stands for; how that looks is this file's matter. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'heading';

const styles: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  faint: 'dim',
  heading: 'bold',
};

/** The part of a stream that tells what it can show. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
  write(text: string): unknown;
}

/** A stream that lines go to, which may be a terminal: with a width, and with colours unless NO_COLOR is set. */
export class Terminal {
  readonly #stream: OutputStream;
  readonly #hasColors: boolean;

  constructor(stream: OutputStream, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#hasColors = this.isTerminal && !env['NO_COLOR'] && (stream.hasColors?.() ?? false);
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Columns of a line: `Infinity` where nobody looks at it, so that nothing is cut away for a pipe or a file. */
  get width(): number {
    return this.isTerminal ? this.#stream.columns || 80 : Infinity;
  }

  /** Colours a text, where there are colours. */
  paint(tone: Tone, text: string): string {
    return this.#hasColors && text !== '' ? styleText(styles[tone], text, { validateStream: false }) : text;
  }

  line(text = ''): void {
    this.#stream.write(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    if (texts.length > 0) {
      this.#stream.write(`${texts.join('\n')}\n`);
    }
  }

  /** Writes without a line break; for a line that is to be overwritten. */
  write(text: string): void {
    this.#stream.write(text);
  }
}
