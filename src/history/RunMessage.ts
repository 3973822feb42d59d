/** Bytes of UTF-8 that fit every driver's text column: MySQL's ends at 65,535. */
export const MESSAGE_BYTES = 60_000;

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

/**
 * Makes any text fit for the log: what no text column takes (NUL, lone surrogates) is replaced, and a long text is cut
 * in the middle with a mark, since its beginning says what happened and its end how it ended.
 *
 * @param bytes how long the whole was, when `text` is only its beginning and its end
 */
export function fitMessage(text: string, bytes?: number): string {
  const clean = text.replaceAll('\0', '\uFFFD').toWellFormed();
  const whole = bytes ?? Buffer.byteLength(clean);
  if (whole <= MESSAGE_BYTES && Buffer.byteLength(clean) <= MESSAGE_BYTES) {
    return clean;
  }
  const mark = `\n[… cut here: the message had ${whole} bytes …]\n`;
  const buffer = Buffer.from(clean);
  const half = Math.floor((MESSAGE_BYTES - Buffer.byteLength(mark)) / 2);
  return `${decode(buffer.subarray(0, half))}${mark}${decode(buffer.subarray(-half))}`;
}

/** Decodes a piece of UTF-8 cut at any byte, leaving out the halves of characters at its ends. */
function decode(piece: Buffer): string {
  return piece.toString('utf8').replace(/^\uFFFD{1,3}|\uFFFD{1,3}$/g, '');
}
