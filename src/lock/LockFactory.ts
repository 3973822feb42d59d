import type { MikroORM } from '@mikro-orm/core';
import { CronSettingsError } from '../errors.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { Clock } from '../util/clock.ts';
import { showValue } from '../util/rules.ts';
import type { AtomicCache } from './AtomicCache.ts';
import type { JobLock } from './JobLock.ts';

/** What a lock needs to know of the host's settings. */
export interface LockSettings {
  /** Seconds the lock outlives its holder's last heartbeat: the job's `lockTimeSeconds`, else the setting. */
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

/**
 * Makes the lock for one attempt at one run of one job. `databaseLock()` and its like are such factories; a host's own
 * may ignore what it does not need: `lock: job => new ZooKeeperLock(job.code)`.
 */
export interface LockFactory {
  (job: CronJobBase, orm: MikroORM, settings: LockSettings): JobLock;

  /**
   * Looks whether the settings have what the lock needs; called once, by `cron()`.
   *
   * @throws CronSettingsError when they have not.
   */
  check?(settings: Omit<LockSettings, 'lockTimeSeconds'>): void;
}

/** The lock of one job, made with its own settings where it has them. */
export function lockOf(
  job: CronJobBase,
  orm: MikroORM,
  settings: LockSettings & { readonly lock: LockFactory },
): JobLock {
  const { clock, caches, cacheName, lockFilePath } = settings;
  const lockTimeSeconds = job.lockTimeSeconds ?? settings.lockTimeSeconds;
  const lock: unknown = settings.lock(job, orm, { lockTimeSeconds, clock, caches, cacheName, lockFilePath });
  if (!isLock(lock)) {
    throw new CronSettingsError(
      `cron({ lock }): it gave ${showValue(lock)} for ${job.code}; it must give a JobLock, with lock() and release()`,
      { jobCode: job.code },
    );
  }
  return lock;
}

function isLock(value: unknown): value is JobLock {
  const { lock, release } = (value ?? {}) as Partial<JobLock>;
  return typeof lock === 'function' && typeof release === 'function';
}
