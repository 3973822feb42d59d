import { openSync, readSync } from 'node:fs';
import type { Witnessed } from './records.ts';

/** Reads what is appended to a witness file, while its trial goes on. */
export class WitnessTail {
  readonly #file: number;
  #position = 0;
  #rest = '';

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** What was appended since the last call. */
  read(): Witnessed[] {
    const buffer = Buffer.alloc(1 << 20);
    let text = this.#rest;
    for (let bytes = 1; bytes > 0;) {
      bytes = readSync(this.#file, buffer, 0, buffer.length, this.#position);
      this.#position += bytes;
      text += buffer.toString('utf8', 0, bytes);
    }
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map(line => JSON.parse(line) as Witnessed);
  }
}
