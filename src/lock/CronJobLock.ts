import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../database/InstantType.ts';

/** The lease on one job: a row of `cron_job_lock`, used by the database lock. A row without owner is a free lock. */
export class CronJobLock {
  /** Code of the job. */
  code!: string;
  /** Token of the holder; only who knows it may renew or release. `null` when the lock is free. */
  owner!: string | null;
  /** Name of the machine that holds the lock, or held it last. */
  host!: string;
  /** Process id of the holder on that machine. */
  pid!: number;
  /** When the holder took the lock, by the database's clock. */
  lockedAt!: Date | null;
  /** When the lease ends unless renewed, by the database's clock. */
  lockedUntil!: Date | null;
}

/** Mapping of {@link CronJobLock}, with every name pinned. */
export const CronJobLockSchema = defineEntity({
  class: CronJobLock,
  className: 'CronJobLock',
  tableName: 'cron_job_lock',
  properties: {
    code: p.string().length(64).primary().name('code'),
    owner: p.string().length(36).nullable().name('owner'),
    host: p.string().length(255).name('host'),
    pid: p.integer().name('pid'),
    lockedAt: p.type(InstantType).nullable().name('locked_at'),
    lockedUntil: p.type(InstantType).nullable().name('locked_until'),
  },
});
