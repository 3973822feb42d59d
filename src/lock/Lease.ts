import { CronLockError } from '../errors.ts';
import { settleWithin } from '../util/waiting.ts';
import type { LockLease } from './LockProvider.ts';

/** Milliseconds that the end of a run waits at most for a backend that does not answer: its lock ends by itself. */
const ANSWER_MILLIS = 30_000;

/**
 * A taken lock, kept alive: renews it at a third of its lease, and aborts `signal` as soon as the lock must be taken for
 * lost, which is when the backend says that it is not ours any more, or when it has granted nothing for a whole lease,
 * whether it answers or not.
 */
export class Lease {
  readonly #lock: LockLease;
  readonly #leaseMillis: number;
  readonly #jobCode: string;
  readonly #lost = new AbortController();
  #beatTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  /** The renewal under way: there is one at a time, and the end waits for it. */
  #renewal: Promise<void> | undefined;
  /** Why the last renewal failed. */
  #renewalError: unknown;
  /** When the backend was asked for what it last granted. */
  #provenAt: number;
  /** When it was asked last. */
  #askedAt: number;
  #isReleased = false;

  /**
   * @param askedAt when the backend was asked for the lock, in milliseconds of `performance.now()`: its lease began no
   * earlier
   */
  constructor(lock: LockLease, leaseSeconds: number, jobCode: string, askedAt: number) {
    this.#lock = lock;
    this.#leaseMillis = leaseSeconds * 1000;
    this.#jobCode = jobCode;
    this.#provenAt = askedAt;
    this.#askedAt = askedAt;
    this.#awaitEnd();
    this.#beat();
  }

  /** Aborted when the lock is lost; the reason is a CronLockError. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that the lock is still ours when no heartbeat has said so for half a lease; aborts `signal` when it is
   * not, or when the backend does not say before the lease has ended. Heartbeats fall out while a job keeps the event
   * loop busy.
   */
  async confirm(): Promise<void> {
    if (!this.#lock.renew || performance.now() - this.#provenAt < this.#leaseMillis / 2) {
      return;
    }
    const lost = new Promise<void>(resolve => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
      if (this.signal.aborted) {
        resolve();
      }
    });
    await Promise.race([this.#renew(), lost]);
    if (performance.now() - this.#provenAt >= this.#leaseMillis) {
      this.#loseUnproven();
    }
  }

  /**
   * Ends the heartbeat and gives the lock back, if it is still ours.
   *
   * @throws CronLockError when the backend does not answer.
   */
  async release(): Promise<void> {
    await this.stop();
    await this.#answer(this.#lock.release());
  }

  /**
   * Ends the heartbeat but leaves the lock to run out, since what it guards may still be going on. Once that has settled
   * after all, the lock is given back: one without a lease does not run out while this process lives.
   */
  async abandonUntil(settled: Promise<unknown>): Promise<void> {
    settled.then(async () => this.#lock.release()).catch(() => undefined);
    await this.stop();
  }

  /** Ends the heartbeat. The lock is no longer ours to lose; who closes the run gives it back. */
  async stop(): Promise<void> {
    if (this.#isReleased) {
      return;
    }
    this.#isReleased = true;
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#endTimer);
    // A renewal under way may land after the release and must not find the runner's connection closed.
    await this.#answer(this.#renewal ?? Promise.resolve());
  }

  #beat(): void {
    if (!this.#lock.renew || this.#isReleased || this.signal.aborted) {
      return;
    }
    this.#beatTimer = setTimeout(() => {
      void this.#renew().finally(() => this.#beat());
    }, this.#leaseMillis / 3);
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#ask().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now();
    this.#askedAt = askedAt;
    try {
      if (await this.#lock.renew!()) {
        this.#provenAt = askedAt;
        this.#awaitEnd();
        return;
      }
      this.#lose(
        `Lock of ${this.#jobCode}: it was lost to another process or freed by cron:unlock; the run was aborted`,
      );
    } catch (error) {
      this.#renewalError = error;
    }
  }

  /** The lease ends by the backend's clock, whether a renewal fails, or hangs. */
  #awaitEnd(): void {
    clearTimeout(this.#endTimer);
    if (this.#lock.renew && !this.#isReleased) {
      const left = this.#provenAt + this.#leaseMillis - performance.now();
      this.#endTimer = setTimeout(() => void this.#end(), Math.max(left, 0));
    }
  }

  /** A busy event loop sends no heartbeats: then nobody has been asked, and the lock may still be ours. */
  async #end(): Promise<void> {
    const wasAsked = this.#askedAt > this.#provenAt && performance.now() - this.#askedAt > this.#leaseMillis / 10;
    if (!wasAsked) {
      const provenAt = this.#provenAt;
      await settleWithin(this.#leaseMillis / 3, this.#renew(), () => new Error('no answer')).catch(() => undefined);
      if (this.#provenAt > provenAt) {
        return;
      }
    }
    this.#loseUnproven();
  }

  #loseUnproven(): void {
    this.#lose(
      `Lock of ${this.#jobCode}: it could not be renewed for a whole lease (${this.#leaseMillis / 1000} s); the run was aborted`,
      this.#renewalError,
    );
  }

  #lose(message: string, cause?: unknown): void {
    if (!this.#isReleased && !this.signal.aborted) {
      this.#lost.abort(new CronLockError(message, { cause, jobCode: this.#jobCode }));
    }
  }

  async #answer<T>(pending: Promise<T>): Promise<T> {
    const millis = Math.min(this.#leaseMillis, ANSWER_MILLIS);
    const late = () =>
      new CronLockError(`Lock of ${this.#jobCode}: its backend did not answer within ${millis / 1000} s`, {
        jobCode: this.#jobCode,
      });
    return settleWithin(millis, pending, late);
  }
}
