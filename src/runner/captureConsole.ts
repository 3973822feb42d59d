import { AsyncLocalStorage } from 'node:async_hooks';
import { StringDecoder } from 'node:string_decoder';
import { interceptWrite, type Write } from '../terminal/interceptWrite.ts';

/** Takes the pieces that a run writes to a stream and gives whole lines. */
class LineSink {
  readonly #decoder = new StringDecoder('utf8');
  readonly #line: (line: string) => void;
  #rest = '';

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  write(chunk: string | Uint8Array): void {
    this.#rest += typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    lines.forEach(this.#line);
  }

  end(): void {
    if (this.#rest !== '') {
      this.#line(this.#rest);
    }
  }
}

/** Whose output it is: runs go on side by side, and each must get its own. */
const sinks = new AsyncLocalStorage<LineSink | undefined>();
const streams = [process.stdout, process.stderr] as const;
let interceptions: readonly Disposable[] = [];
let runs = 0;

/** Runs something whose output to stdout and stderr, through `console` or not, goes line by line to `line` instead. */
export async function captureConsole<T>(line: (line: string) => void, run: () => Promise<T>): Promise<T> {
  const sink = new LineSink(line);
  begin();
  try {
    return await sinks.run(sink, run);
  } finally {
    end();
    sink.end();
  }
}

/** Calls something from within a captured run whose own output is not the run's. */
export function uncaptured<T>(call: () => T): T {
  return sinks.exit(call);
}

function begin(): void {
  if (runs++ === 0) {
    interceptions = streams.map(stream => interceptWrite(stream, redirect));
  }
}

function end(): void {
  if (--runs === 0) {
    interceptions.forEach(interception => interception[Symbol.dispose]());
  }
}

function redirect(original: Write): Write {
  return ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    const sink = sinks.getStore();
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
