import type { MikroORM } from '@mikro-orm/core';
import type { OwnConnection } from '../database/OwnConnection.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { Clock } from '../util/clock.ts';
import type { AtomicCache } from './AtomicCache.ts';
import type { JobLock } from './JobLock.ts';
import type { LockHolder } from './LockHolder.ts';

/** The settings that locks need. */
export interface LockSettings {
  /** Seconds the lock outlives its holder's last heartbeat, where the job has no `lockTimeSeconds` of its own. */
  readonly lockTimeSeconds: number;
  /** The settings' clock; `undefined` when the backend's own time counts. */
  readonly clock: Clock | undefined;
  /** The named caches. */
  readonly caches: Readonly<Record<string, AtomicCache>>;
  /** Which of them is meant where none is named. */
  readonly cacheName: string;
  /** Directory of lock files; `undefined` for the backend's default. */
  readonly lockFilePath: string | undefined;
}

/** A lock that was acquired. */
export interface LockLease {
  /**
   * Starts the lease anew; `false` when the lock is no longer ours. A lease without it does not end by itself, and gets
   * no heartbeat.
   */
  renew?(): Promise<boolean>;

  /** Gives the lock back; does nothing when it is no longer ours. */
  release(): Promise<void>;
}

/** Who holds a job's lock: `null` nobody, `undefined` unknown, since the backend cannot tell. */
export type KnownHolder = LockHolder | null | undefined;

/** The locks of one backend, for the jobs of one host. */
export interface LockProvider {
  /** As `cron:check` shows it: 'databaseLock()'. */
  readonly name: string;

  /**
   * Takes a job's lock or leaves it, at once: `null` when somebody else holds it, never a wait. What it throws means that
   * the backend cannot be used: then nobody knows who holds the lock, and the job does not run. A provider without it has
   * its locks in `cron_job_lock`, where the claim takes them.
   */
  acquire?(job: CronJobBase): Promise<LockLease | null>;

  /**
   * Who holds the locks of these jobs, by code.
   *
   * @param now decides which leases have ended, where the backend has no clock of its own
   */
  holders(jobs: readonly CronJobBase[], now: Date): Promise<ReadonlyMap<string, KnownHolder>>;

  /** Frees a job's lock, no matter who holds it, and says whose it was; `null` when it was free. Left out where it cannot be done. */
  forceRelease?(job: CronJobBase): Promise<LockHolder | null>;

  /**
   * Looks whether the backend can be used, for `cron:check`; takes and changes nothing.
   *
   * @throws CronLockError when it cannot.
   */
  probe?(jobs: readonly CronJobBase[]): Promise<void>;
}

/** What `databaseLock()`, `cacheLock()` and `fileLock()` give, for the setting `lock`. */
export interface LockBackend {
  /** @internal */
  readonly open: (orm: MikroORM, settings: LockSettings, connection?: OwnConnection) => LockProvider;

  /**
   * Looks whether the settings have what the locks need; called once, by `cron()`.
   *
   * @internal
   * @throws CronSettingsError when they have not.
   */
  readonly check?: (settings: LockSettings) => void;
}

/**
 * Makes a lock of the host's own for one attempt at one run of one job: `lock: job => new ZooKeeperLock(job.code)`.
 * `lockTimeSeconds` is the job's.
 */
export type LockFactory = (job: CronJobBase, orm: MikroORM, settings: LockSettings) => JobLock;

/** What the setting `lock` takes. */
export type LockSetting = LockBackend | LockFactory;

/** The lease of a job, in seconds. */
export function leaseSecondsOf(job: CronJobBase, { lockTimeSeconds }: Pick<LockSettings, 'lockTimeSeconds'>): number {
  return job.lockTimeSeconds ?? lockTimeSeconds;
}
