import type { LockHolder } from './LockHolder.ts';

/**
 * A lock of the host's own, for the setting `lock`: a class with `lock()` and `release()`. One instance serves one attempt
 * at one run of one job.
 *
 * The contract: `lock()` takes the lock or leaves it, at once: "not acquired" is the value `false`, never an exception
 * and never a wait. A lock is a lease with an owner token of its own: it ends by itself `lockTimeSeconds` after it was
 * last taken or renewed, only its owner renews or releases it, and a release by anybody else changes nothing. An
 * exception means that the backend itself cannot be used: then nobody knows who holds the lock and the job does not run.
 */
export abstract class JobLock {
  /** Takes the lock; `false` when somebody else holds it. */
  abstract lock(): Promise<boolean>;

  /** Gives the lock back; does nothing when it is no longer ours. */
  abstract release(): Promise<void>;

  /**
   * Starts the lease anew; `false` when the lock is no longer ours. A backend without it has locks that do not end by
   * themselves, and gets no heartbeat.
   */
  renew?(): Promise<boolean>;

  /** Who holds the lock now; `null` when nobody does. */
  holder?(): Promise<LockHolder | null>;

  /**
   * Looks whether the backend can be used, for `cron:check`; takes and changes nothing.
   *
   * @throws CronLockError when it cannot.
   */
  probe?(): Promise<void>;

  /** Frees the lock, no matter who holds it, and says whose it was; `null` when it was free. */
  forceRelease?(): Promise<LockHolder | null>;
}
