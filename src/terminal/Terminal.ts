import { styleText } from 'node:util';
import { hasColors } from './hasColors.ts';
import type { Write } from './interceptWrite.ts';
import { oneLine } from './text.ts';

/** What a piece of text stands for; how that looks is this file's matter. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'heading';

/** A part of a line: a text, or a text with a tone. */
export type Piece = string | { readonly text: string; readonly tone?: Tone | undefined };

const styles: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  faint: 'dim',
  heading: 'bold',
};

/** The part of a stream that a terminal is made of. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
  write: Write;
  once?(event: 'error', listener: () => void): unknown;
  off?(event: 'error', listener: () => void): unknown;
}

/**
 * A stream that lines go to, which may be a terminal, with a width and colours. What comes from elsewhere, such as a
 * message or a code, can neither move the cursor nor forge a line: every piece is cleaned here, and colours are added
 * here alone.
 */
export class Terminal {
  readonly stream: OutputStream;
  readonly #env: NodeJS.ProcessEnv;

  constructor(stream: OutputStream, env: NodeJS.ProcessEnv = process.env) {
    this.stream = stream;
    this.#env = env;
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Columns of a line: `Infinity` where nobody looks at it, so that nothing is cut away for a pipe or a file. */
  get width(): number {
    return this.isTerminal ? this.stream.columns || 80 : Infinity;
  }

  /** Writes one line, whatever its pieces hold. */
  line(...pieces: readonly Piece[]): void {
    this.stream.write(`${this.#render(pieces)}\n`);
  }

  /** Writes lines in one go. */
  lines(lines: readonly (readonly Piece[])[]): void {
    if (lines.length > 0) {
      this.stream.write(lines.map(pieces => `${this.#render(pieces)}\n`).join(''));
    }
  }

  /** Writes a text of several lines. */
  text(text: string): void {
    this.lines(text.split('\n').map(line => [line]));
  }

  #render(pieces: readonly Piece[]): string {
    return pieces.map(piece => this.#renderPiece(piece)).join('');
  }

  #renderPiece(piece: Piece): string {
    const { text, tone }: Exclude<Piece, string> = typeof piece === 'string' ? { text: piece } : piece;
    const clean = oneLine(text);
    // Asked each time: the host's config may say something about colours, and is loaded late.
    return tone && clean !== '' && hasColors(this.stream, this.#env)
      ? styleText(styles[tone], clean, { validateStream: false })
      : clean;
  }
}
