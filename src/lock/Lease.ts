import { CronLockError } from '../errors.ts';
import type { JobLock } from './JobLock.ts';

/**
 * A taken lock, kept alive: renews it at a third of its lease, and aborts `signal` as soon as the lock must be taken for
 * lost, which is when the backend says that it is not ours any more, or when it could not be asked for a whole lease.
 */
export class Lease implements AsyncDisposable {
  readonly #lock: JobLock;
  readonly #leaseMillis: number;
  readonly #jobCode: string;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #renewal: Promise<void> = Promise.resolve();
  /** When the backend was asked for what it last granted. */
  #provenAt: number;
  #isReleased = false;

  private constructor(lock: JobLock, leaseSeconds: number, jobCode: string, provenAt: number) {
    this.#lock = lock;
    this.#leaseMillis = leaseSeconds * 1000;
    this.#jobCode = jobCode;
    this.#provenAt = provenAt;
    this.#beat();
  }

  /**
   * Takes the lock and keeps it; `null` when somebody else holds it.
   *
   * @throws what the backend throws when it cannot be used.
   */
  static async take(lock: JobLock, leaseSeconds: number, jobCode: string): Promise<Lease | null> {
    const askedAt = performance.now();
    return (await lock.lock()) ? new Lease(lock, leaseSeconds, jobCode, askedAt) : null;
  }

  /** Aborted when the lock is lost; the reason is a CronLockError. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that the lock is still ours when no heartbeat has said so for half a lease; aborts `signal` when it is
   * not. Heartbeats fall out while a job keeps the event loop busy.
   */
  async confirm(): Promise<void> {
    if (this.#lock.renew && performance.now() - this.#provenAt >= this.#leaseMillis / 2) {
      await this.#renew();
    }
  }

  /** Ends the heartbeat and gives the lock back, if it is still ours. */
  async release(): Promise<void> {
    if (this.#isReleased) {
      return;
    }
    await this.abandon();
    await this.#lock.release();
  }

  /** Ends the heartbeat but leaves the lock to run out, since what it guards may still be going on. */
  async abandon(): Promise<void> {
    this.#isReleased = true;
    clearTimeout(this.#timer);
    // A renewal under way may land after the release and must not find the runner's connection closed.
    await this.#renewal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  #beat(): void {
    if (!this.#lock.renew || this.#isReleased || this.signal.aborted) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#renewal = this.#renew().finally(() => this.#beat());
    }, this.#leaseMillis / 3);
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      if (await this.#lock.renew!()) {
        this.#provenAt = askedAt;
        return;
      }
      this.#lose(`Lock of ${this.#jobCode}: it was lost to somebody else or freed by cron:unlock; the run was aborted`);
    } catch (error) {
      if (performance.now() - this.#provenAt >= this.#leaseMillis) {
        this.#lose(
          `Lock of ${this.#jobCode}: it could not be renewed for a whole lease (${this.#leaseMillis / 1000} s); the run was aborted`,
          error,
        );
      }
    }
  }

  #lose(message: string, cause?: unknown): void {
    if (!this.#isReleased) {
      this.#lost.abort(new CronLockError(message, { cause, jobCode: this.#jobCode }));
    }
  }
}
