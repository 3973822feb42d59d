import { appendFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../Random.ts';
import type { Disturbance } from '../witness/judgeSlots.ts';
import { monotonic } from '../witness/records.ts';
import { ClientFrames, type Request, ServerFrames } from './frames.ts';

/** What the relay may do to a request. */
export type Fault = 'hold' | 'late' | 'lose' | 'drop' | 'twice';

/** How a relay behaves. */
export interface RelayOptions {
  readonly random: Random;
  /** Port of the server. */
  readonly port: number;
  /** Of all requests, the part that something is done to. */
  readonly rate: number;
  /** Longest time that a request is held back, in milliseconds. */
  readonly mostMillis: number;
  /** File that each fault is appended to, with its statement. */
  readonly journal: string;
  readonly counts: Record<string, number>;
  onCut(disturbance: Omit<Disturbance, 'process'>): void;
}

const WEIGHTS: Record<Fault, number> = { hold: 25, late: 25, lose: 25, drop: 10, twice: 15 };

/**
 * Stands between a process and its PostgreSQL server, and does to some requests what networks do: holds them back; cuts the
 * client off and delivers them afterwards (`late`); delivers them and cuts the client off before the answer (`lose`); cuts
 * the client off without delivering them (`drop`). A single UPDATE outside a transaction may be delivered twice, as a
 * driver does that tries again.
 */
export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #server: Server;
  readonly #connections = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#server = createServer(client => {
      this.#sockets.add(client);
      const served = this.#serve(client).catch(() => undefined);
      this.#connections.add(served);
      void served.finally(() => this.#connections.delete(served));
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async #serve(client: Socket): Promise<void> {
    const upstream = connect(this.#options.port, '127.0.0.1');
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    const answers = new ServerFrames();
    let isSwallowing = false;
    upstream.on('data', (chunk: Buffer) => {
      if (!isSwallowing && !client.destroyed) {
        client.write(chunk);
      }
      answers.push(chunk);
    });
    upstream.on('close', () => {
      answers.close();
      client.destroy();
    });
    const frames = new ClientFrames();
    try {
      for await (const chunk of client as AsyncIterable<Buffer>) {
        for (const request of frames.push(chunk)) {
          const fault = this.#choose(request, answers.status);
          const millis = this.#options.random.between(0.02, 1) * this.#options.mostMillis;
          const from = monotonic();
          if (fault === 'drop') {
            this.#note(fault, request, from);
            return;
          }
          if (fault === 'late' || fault === 'lose') {
            isSwallowing = true;
          }
          if (fault === 'late') {
            client.destroy();
          }
          if (fault === 'hold' || fault === 'late') {
            await delay(millis);
          }
          const answered = answers.next();
          upstream.write(request.bytes);
          if (fault === 'twice') {
            await answered;
            isSwallowing = true;
            const again = answers.next();
            upstream.write(request.bytes);
            await again;
            isSwallowing = false;
          }
          if (fault) {
            this.#note(fault, request, from);
          }
          if (fault === 'late' || fault === 'lose') {
            await answered;
            return;
          }
        }
      }
    } finally {
      client.destroy();
      upstream.end();
    }
  }

  #choose({ statement }: Request, status: string): Fault | undefined {
    const { random, rate } = this.#options;
    if (statement === undefined || !random.chance(rate)) {
      return undefined;
    }
    const fault = random.weighted(WEIGHTS);
    return fault === 'twice' && !(status === 'I' && /^\s*update/i.test(statement)) ? 'hold' : fault;
  }

  #note(fault: Fault, { statement }: Request, from: number): void {
    const { counts, journal } = this.#options;
    const to = monotonic();
    counts[fault] = (counts[fault] ?? 0) + 1;
    this.#options.onCut({ kind: 'cut', from, to });
    appendFileSync(journal, `${JSON.stringify({ fault, from, to, statement })}\n`);
  }

  /** Lets what is held back arrive, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await Promise.race([Promise.all(this.#connections), delay(this.#options.mostMillis + 1_000)]);
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
