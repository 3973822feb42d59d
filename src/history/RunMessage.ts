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
    this.#append(this.#bytes === 0 ? '' : '\n');
    this.#append(line);
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
    const whole = new RunMessage();
    whole.#head = this.#head;
    whole.#tail = this.#tail;
    whole.#bytes = this.#bytes;
    whole.write(end);
    return whole.text();
  }

  #append(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    // Only then is nothing missing between the two.
    const room = this.#tail === '' ? MESSAGE_BYTES - this.#head.length : 0;
    if (text.length <= room) {
      this.#head += text;
      return;
    }
    this.#head += copyOf(text.slice(0, Math.max(room, 0)));
    // A character has at least one byte, so this many always hold the bytes that are kept.
    this.#tail += copyOf(text.slice(Math.max(room, text.length - MESSAGE_BYTES, 0)));
    if (this.#tail.length > 2 * MESSAGE_BYTES) {
      this.#tail = copyOf(this.#tail.slice(-MESSAGE_BYTES));
    }
  }
}

/**
 * Makes any text fit for the log: what no text column takes (NUL, lone surrogates) is replaced, and a long text is cut
 * in the middle with a mark, since its beginning says what happened and its end how it ended.
 *
 * @param bytes how long the whole was, when `text` is only its beginning and its end
 */
export function fitMessage(text: string, bytes?: number): string {
  // Of a text that is far too long only what can be kept is looked at, copied and encoded.
  if (text.length > 2 * MESSAGE_BYTES) {
    const ends = text.slice(0, MESSAGE_BYTES) + text.slice(-MESSAGE_BYTES);
    return fitMessage(ends, bytes ?? Buffer.byteLength(text));
  }
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

/** A piece of a long text that does not keep the whole of it in memory, as a slice does. */
function copyOf(piece: string): string {
  return Buffer.from(piece, 'utf16le').toString('utf16le');
}

/** Decodes a piece of UTF-8 cut at any byte, leaving out the halves of characters at its ends. */
function decode(piece: Buffer): string {
  return piece.toString('utf8').replace(/^\uFFFD{1,3}|\uFFFD{1,3}$/g, '');
}
