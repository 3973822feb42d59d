import { openSync, readFileSync, writeSync } from 'node:fs';

/** What a host's process writes down by itself, outside the package and outside the database. */
export type WitnessRecord =
  | {
      readonly event: 'begin';
      readonly run: number;
      readonly code: string;
      readonly slot: number | null;
      readonly fence?: unknown;
    }
  | {
      readonly event: 'end';
      readonly run: number;
      readonly code: string;
      readonly slot: number | null;
      readonly ok: boolean;
    }
  /** Its event loop stood still since that instant: it had no processor, or a call kept it. */
  | { readonly event: 'stall'; readonly from: number }
  | { readonly event: 'pool'; readonly total: number; readonly idle: number; readonly waiting: number }
  | { readonly event: 'queries'; readonly ok: number; readonly failed: number; readonly hung: number }
  | { readonly event: 'heap'; readonly runs: number; readonly bytes: number };

/** A record with who wrote it and when. */
export type Witnessed = WitnessRecord & {
  /** Which of the trial's processes, by a name that is never used twice. */
  readonly process: string;
  readonly pid: number;
  /** Milliseconds of the machine's monotonic clock, which all its processes share. */
  readonly at: number;
  /** Milliseconds since 1970, for people. */
  readonly wall: number;
};

/** Milliseconds of the machine's monotonic clock: the same in all its processes, unlike `performance.now()`. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Appends records to a file that all processes of a trial share. Each is one write to a file opened with O_APPEND, so it is
 * there when the process is killed right afterwards, and lines do not mix.
 */
export class WitnessWriter {
  readonly #file: number;
  readonly #process: string;

  constructor(path: string, processName: string) {
    this.#file = openSync(path, 'a');
    this.#process = processName;
  }

  write(record: WitnessRecord): void {
    const witnessed = { process: this.#process, pid: process.pid, at: monotonic(), wall: Date.now(), ...record };
    writeSync(this.#file, `${JSON.stringify(witnessed)}\n`);
  }
}

/** All records of a file, in the order in which they were written. */
export function readWitness(path: string): Witnessed[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Witnessed);
}

/** Milliseconds between two looks at the event loop. */
const LOOK = 100;

/** Reports each time for which this process's event loop stood still for longer than so many milliseconds. */
export function watchStalls(mostMillis: number, onStall: (from: number, to: number) => void): Disposable {
  let last = monotonic();
  const timer = setInterval(() => {
    const now = monotonic();
    if (now - last > mostMillis + LOOK) {
      onStall(last, now);
    }
    last = now;
  }, LOOK).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
