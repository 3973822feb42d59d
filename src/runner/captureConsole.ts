import { AsyncLocalStorage } from 'node:async_hooks';
import { StringDecoder } from 'node:string_decoder';
import { interceptWrite, type Write } from '../terminal/interceptWrite.ts';

/** Characters after which a line is broken although nothing in it breaks it. */
export const LONGEST_LINE = 32 * 1024;

/**
 * Takes the pieces that a run writes to one stream and gives whole lines. A carriage return ends a line too, as progress
 * bars use it. What is waiting for its end is not searched again and has a bounded length.
 */
class LineSink {
  readonly #decoder = new StringDecoder('utf8');
  readonly #line: (line: string) => void;
  #rest = '';
  #swallowsNewline = false;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  write(chunk: string | Uint8Array): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    let start = 0;
    for (const { 0: lineBreak, index } of text.matchAll(/[\r\n]/g)) {
      this.#append(text.slice(start, index));
      this.#endLine(lineBreak);
      start = index + 1;
    }
    this.#append(text.slice(start));
  }

  end(): void {
    this.#append(this.#decoder.end());
    if (this.#rest !== '') {
      this.#emit();
    }
  }

  #append(text: string): void {
    for (let start = 0; start < text.length;) {
      const piece = text.slice(start, start + LONGEST_LINE - this.#rest.length);
      start += piece.length;
      this.#rest += piece;
      this.#swallowsNewline = false;
      if (this.#rest.length >= LONGEST_LINE) {
        this.#breakLine();
      }
    }
  }

  #endLine(lineBreak: string): void {
    const isSecondHalf = lineBreak === '\n' && this.#swallowsNewline;
    // A redrawn line begins with its return, which ends nothing.
    const isRedraw = lineBreak === '\r' && this.#rest === '';
    if (!isSecondHalf && !isRedraw) {
      this.#emit();
    }
    this.#swallowsNewline = lineBreak === '\r' && !isRedraw;
  }

  /** Between two characters, never within one. */
  #breakLine(): void {
    const half = this.#rest.isWellFormed() ? '' : (/[\uD800-\uDBFF]$/.exec(this.#rest)?.[0] ?? '');
    this.#rest = this.#rest.slice(0, this.#rest.length - half.length);
    this.#emit();
    this.#rest = half;
    this.#swallowsNewline = half === '';
  }

  #emit(): void {
    const line = this.#rest;
    this.#rest = '';
    this.#line(line);
  }
}

/** The sinks of a run, one a stream: a line of one is not broken by what goes to the other. */
type Sinks = readonly LineSink[];

/** Whose output it is: runs go on side by side, and each must get its own. */
const sinks = new AsyncLocalStorage<Sinks | undefined>();
const streams = [process.stdout, process.stderr] as const;
let interceptions: readonly Disposable[] = [];
let runs = 0;

/** Runs something whose output to stdout and stderr, through `console` or not, goes line by line to `line` instead. */
export async function captureConsole<T>(line: (line: string) => void, run: () => Promise<T>): Promise<T> {
  const own = streams.map(() => new LineSink(line));
  begin();
  try {
    return await sinks.run(own, run);
  } finally {
    end();
    own.forEach(sink => sink.end());
  }
}

/** Calls something from within a captured run whose own output is not the run's. */
export function uncaptured<T>(call: () => T): T {
  return sinks.exit(call);
}

function begin(): void {
  if (runs++ === 0) {
    interceptions = streams.map((stream, index) => interceptWrite(stream, original => redirect(original, index)));
  }
}

function end(): void {
  if (--runs === 0) {
    interceptions.forEach(interception => interception[Symbol.dispose]());
  }
}

function redirect(original: Write, index: number): Write {
  return ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    const sink = sinks.getStore()?.[index];
    if (!sink) {
      return (original as (...args: unknown[]) => boolean)(chunk, ...rest);
    }
    sink.write(chunk);
    const done = rest.at(-1);
    if (typeof done === 'function') {
      process.nextTick(done as () => void);
    }
    return true;
  }) as Write;
}
