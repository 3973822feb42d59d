import { defineEntity, type Opt, p } from '@mikro-orm/core';
import { InstantType } from '../database/InstantType.ts';

/**
 * What guards one job: a row of `cron_job_lock`, whatever the lock backend. With the database lock it is the lease itself,
 * and a row without owner is a free lock; with other backends its fence tells claims apart.
 */
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
  /** Number of the last claim: each claim raises it, and only the holder of the newest closes its run. */
  fence!: Opt<number>;
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
    // A bigint's default would be written as the text '0', which differs from the migration's 0.
    fence: p.bigint('number').default(0).defaultRaw('0').name('fence'),
  },
});
