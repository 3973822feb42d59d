/** What a client sends at once and waits for: the messages of PostgreSQL's protocol up to a Sync or a simple query. */
export interface Request {
  readonly bytes: Buffer;
  /** The SQL in it; `undefined` for what has none, such as a password. */
  readonly statement: string | undefined;
}

/** Messages after which a client waits for the server: Sync, Query, password, Terminate. */
const ENDINGS = new Set(['S', 'Q', 'p', 'X']);

/** Cuts what a client sends into requests. */
export class ClientFrames {
  #rest: Buffer = Buffer.alloc(0);
  #request: Buffer[] = [];
  #statement: string | undefined;
  #isStarted = false;

  push(chunk: Buffer): Request[] {
    const requests: Request[] = [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      // The first message of a connection has no type.
      const offset = this.#isStarted ? 1 : 0;
      if (this.#rest.length < offset + 4) {
        return requests;
      }
      const length = offset + this.#rest.readUInt32BE(offset);
      if (this.#rest.length < length) {
        return requests;
      }
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#request.push(message);
      const type = this.#isStarted ? String.fromCharCode(message[0]!) : 'start';
      this.#statement ??= textOf(type, message);
      if (type === 'start' || ENDINGS.has(type)) {
        requests.push({ bytes: Buffer.concat(this.#request), statement: this.#statement });
        this.#request = [];
        this.#statement = undefined;
      }
      this.#isStarted = true;
    }
  }
}

/** The SQL of a Query, or of a Parse, after the statement's name. */
function textOf(type: string, message: Buffer): string | undefined {
  if (type === 'Q') {
    return message.toString('utf8', 5, message.length - 1);
  }
  if (type === 'P') {
    const from = message.indexOf(0, 5) + 1;
    return message.toString('utf8', from, message.indexOf(0, from));
  }
  return undefined;
}

/** Follows what a server sends, for its ReadyForQuery. */
export class ServerFrames {
  #rest: Buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];
  #isClosed = false;
  /** 'I' outside a transaction, 'T' in one, 'E' in a failed one. */
  status = '';

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < length) {
        return;
      }
      if (this.#rest[0] === 'Z'.charCodeAt(0)) {
        this.status = String.fromCharCode(this.#rest[5]!);
        this.#waiting.shift()?.();
      }
      this.#rest = this.#rest.subarray(length);
    }
  }

  /** Resolves when the server is ready again, or gone. */
  async next(): Promise<void> {
    return new Promise(resolve => {
      if (this.#isClosed) {
        resolve();
      } else {
        this.#waiting.push(resolve);
      }
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.splice(0).forEach(resolve => resolve());
  }
}
