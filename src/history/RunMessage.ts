import { fitMessage, MESSAGE_BYTES } from './fitMessage.ts';

/**
 * The message of a run as it grows, line by line. However much a job writes, only what the log can keep is kept: the
 * beginning and the end.
 */
export class RunMessage {
  #head = '';
  #tail = '';
  #bytes = 0;

  /** Appends a line. */
  write(line: string): void {
    const text = this.#bytes === 0 ? line : `\n${line}`;
    this.#bytes += Buffer.byteLength(text);
    if (this.#head.length < MESSAGE_BYTES) {
      this.#head += text;
    } else {
      this.#tail = `${this.#tail}${text}`;
      // A character has at least one byte, so this many always hold the bytes that are kept.
      if (this.#tail.length > 2 * MESSAGE_BYTES) {
        this.#tail = this.#tail.slice(-MESSAGE_BYTES);
      }
    }
  }

  /** How much has been written, in bytes of UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What has been written, and how the run ended after it, fit for the log. */
  text(end = ''): string {
    if (end === '') {
      return fitMessage(`${this.#head}${this.#tail}`, this.#bytes);
    }
    const glue = this.#bytes === 0 ? '' : '\n';
    const bytes = this.#bytes + glue.length + Buffer.byteLength(end);
    return fitMessage(`${this.#head}${this.#tail}${glue}${end}`, bytes);
  }
}
