import type { MikroORM } from '@mikro-orm/core';
import type { Clock } from '../clock.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { JobLock } from './JobLock.ts';

/** What a lock needs to know of the host's settings. */
export interface LockSettings {
  /** Seconds the lock outlives its holder's last heartbeat: the job's `lockTimeSeconds`, else the setting. */
  readonly lockTimeSeconds: number;
  /** The settings' clock; `undefined` when the backend's own time counts. */
  readonly clock: Clock | undefined;
}

/**
 * Makes the lock for one attempt at one run of one job. `databaseLock()` and its like are such factories; a host's own
 * may ignore what it does not need: `lock: job => new ZooKeeperLock(job.code)`.
 */
export type LockFactory = (job: CronJobBase, orm: MikroORM, settings: LockSettings) => JobLock;
