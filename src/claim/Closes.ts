import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from '../database/isTransient.ts';
import type { OwnConnection } from '../database/OwnConnection.ts';
import { fitMessage } from '../history/RunMessage.ts';
import { type Closed, type CloseRequest, closeRuns, readClosed } from './closeRuns.ts';

interface Pending {
  readonly request: CloseRequest;
  readonly resolve: (closed: Closed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Closes runs: outcome and unlock together, only while owner and fence are still those of the claim, so that a late write
 * changes nothing. Runs that end together are closed together.
 *
 * A close that fails for its connection is tried again with backoff, and first looked up, since only the answer may have
 * been lost. One that the database refuses for its content is repeated alone, in a form that any database takes.
 */
export class Closes {
  readonly #connection: OwnConnection;
  #pending: Pending[] = [];
  #isFlushing = false;

  constructor(connection: OwnConnection) {
    this.#connection = connection;
  }

  /**
   * Closes a run.
   *
   * @param seconds how long to go on trying: the lease
   * @throws what kept the outcome from being written
   */
  async close(request: CloseRequest, seconds: number): Promise<Closed> {
    const { status } = request;
    const deadline = performance.now() + seconds * 1_000;
    let fitted = { ...request, message: fitMessage(request.message) };
    let refusals = 0;
    for (let wait = 100, isRepeat = false; ; isRepeat = true) {
      try {
        const written = isRepeat ? await this.#lookUp(fitted, deadline) : undefined;
        if (written) {
          return written;
        }
        const closed = await (refusals === 0 ? this.#together(fitted, deadline) : this.#alone(fitted, deadline));
        // An earlier try may have been carried out since it was looked up: then it is why the lock is not ours.
        const late = isRepeat && !closed.isWritten ? await this.#lookUp(fitted, deadline) : undefined;
        if (late) {
          return late;
        }
        // Why a run lost its lock must not be lost with it. A success needs the lock; a failure that still stands as
        // running was closed by no next holder, and says what the next holder could not know.
        return closed.isWritten || status === 'succeeded' || request.claim === null
          ? closed
          : await this.#alone({ ...fitted, claim: null }, deadline);
      } catch (error) {
        if (!isTransient(error)) {
          const plain = plainer(request.message, ++refusals, error);
          if (plain === undefined) {
            throw error;
          }
          fitted = { ...request, message: fitMessage(plain) };
          continue;
        }
        if (performance.now() + wait >= deadline) {
          throw error;
        }
        await delay(wait);
        wait = Math.min(wait * 2, 5_000);
      }
    }
  }

  /** What an earlier try has done whose answer was lost. */
  async #lookUp(request: CloseRequest, deadline: number): Promise<Closed | undefined> {
    return this.#connection.run(async em => readClosed(em, request), left(deadline));
  }

  async #alone(request: CloseRequest, deadline: number): Promise<Closed> {
    const closed = await this.#connection.run(async em => closeRuns(em, [request]), left(deadline));
    return closed.get(request.id)!;
  }

  /** With runs that end in the same event loop iteration, and those that ended while the last batch was written. */
  async #together(request: CloseRequest, deadline: number): Promise<Closed> {
    const closed = new Promise<Closed>((resolve, reject) => this.#pending.push({ request, resolve, reject }));
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      setImmediate(() => void this.#flush(deadline));
    }
    return closed;
  }

  async #flush(deadline: number): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      const requests = batch.map(({ request }) => request);
      try {
        const closed = await this.#connection.run(async em => closeRuns(em, requests), left(deadline));
        batch.forEach(({ request, resolve }) => resolve(closed.get(request.id)!));
      } catch (error) {
        await this.#apart(batch, error, deadline);
      }
    }
    this.#isFlushing = false;
  }

  /**
   * One refused outcome takes the others of its statement with it: each is repeated by itself. Where each has a statement
   * of its own, those before the refused one are written already.
   */
  async #apart(batch: readonly Pending[], error: unknown, deadline: number): Promise<void> {
    if (batch.length === 1 || isTransient(error)) {
      batch.forEach(({ reject }) => reject(error));
      return;
    }
    for (const { request, resolve, reject } of batch) {
      await this.#lookUp(request, deadline)
        .then(async written => written ?? this.#alone(request, deadline))
        .then(resolve, reject);
    }
  }
}

function left(deadline: number): number {
  return Math.max(deadline - performance.now(), 1);
}

/** A message in a form that any database takes, after it was refused once or twice; `undefined` when none is left. */
function plainer(message: string, refusals: number, error: unknown): string | undefined {
  if (refusals === 1) {
    return message.replaceAll(/[^\t\n\r\x20-\x7e]/g, '?');
  }
  const why = error instanceof Error ? error.name : 'an error';
  return refusals === 2 ? `(The database refused the message of this run: ${why}.)` : undefined;
}
