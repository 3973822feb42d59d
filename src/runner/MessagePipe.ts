import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { CronError } from '../errors.ts';

/** Bytes before each message that say how long it is. */
const HEADER = 4;

/** Far above what a message of ours can have: the texts in it are cut. */
const LONGEST = 1024 * 1024;

/**
 * Messages over a pipe of the package's own between the two processes of an isolated run. Not Node's `process.send()`:
 * a job, or a library in it, may call that itself, and what it sends must not pass for ours.
 */
export class MessagePipe<Outgoing, Incoming> {
  readonly #stream: Duplex;
  readonly #received: (message: Incoming) => void;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param isMessage tells a message from anything else; what is none is dropped
   * @param broken called when the bytes that arrive are no messages, and then nothing more is read
   */
  constructor(
    stream: Duplex,
    isMessage: (value: unknown) => value is Incoming,
    received: (message: Incoming) => void,
    broken: (error: Error) => void,
  ) {
    this.#stream = stream;
    this.#received = message => void (isMessage(message) && received(message));
    stream.on('data', (chunk: Buffer) => {
      try {
        this.#read(chunk);
      } catch (cause) {
        stream.removeAllListeners('data').resume();
        broken(new CronError('the pipe between its two processes carries something other than messages', { cause }));
      }
    });
    // Where the other process dies meanwhile, its end says so.
    stream.on('error', () => undefined);
  }

  /** @param sent called when the message is on its way, or cannot be sent any more */
  send(message: Outgoing, sent: () => void = () => undefined): void {
    const body = serialize(message);
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(body.length);
    this.#stream.write(Buffer.concat([header, body]), sent);
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEADER) {
      const end = HEADER + this.#rest.readUInt32BE();
      if (end > LONGEST) {
        throw new RangeError(`a message of ${end} bytes`);
      }
      if (this.#rest.length < end) {
        return;
      }
      const body = this.#rest.subarray(HEADER, end);
      this.#rest = this.#rest.subarray(end);
      this.#received(deserialize(body) as Incoming);
    }
  }
}
