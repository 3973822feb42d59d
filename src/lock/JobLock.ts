/** Who holds a lock, as far as the backend knows. */
export interface LockHolder {
  /** Host name of the holder's machine. */
  readonly host: string;
  /** Process id of the holder on its machine. */
  readonly pid: number;
  /** When the holder took the lock. */
  readonly since: Date;
  /** When the lease ends unless renewed; `null` when the lock lives exactly as long as its holder's process. */
  readonly until: Date | null;
}

/**
 * Keeps one job from running twice at once. One instance serves one attempt at one run of one job.
 *
 * The contract: `lock()` takes the lock or leaves it, at once: "not acquired" is the value `false`, never an exception
 * and never a wait. A lock is a lease with an owner token of its own: it ends by itself `lockTimeSeconds` after it was
 * last taken or renewed, only its owner renews or releases it, and a release by anybody else changes nothing. An
 * exception means that the backend itself cannot be used: then nobody knows who holds the lock and the job does not run.
 */
export abstract class JobLock {
  /** Takes the lock; `false` when somebody else holds it. */
  abstract lock(): Promise<boolean>;

  /** Gives the lock back; does nothing when it is not ours (any more). */
  abstract release(): Promise<void>;

  /**
   * Starts the lease anew; `false` when the lock is not ours any more. A backend without it has locks that do not end
   * by themselves, and gets no heartbeat.
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

  /** Frees the lock, whoever holds it, and says whose it was; `null` when it was free. */
  forceRelease?(): Promise<LockHolder | null>;
}
