import { hostname } from 'node:os';
import type { CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { leaseSecondsOf } from '../lock/LockProvider.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { isAlive } from '../util/isAlive.ts';

/**
 * Whether a run of a job that may run beside itself, and so holds no lock, cannot be going on any more: its process on
 * this machine is gone, or it is long past its time-out.
 */
export function isSurelyDead(job: CronJobBase, settings: ResolvedSettings): (run: CronJobLog, now: Date) => boolean {
  const timeoutSeconds = job.timeoutSeconds ?? settings.timeoutSeconds ?? Infinity;
  const longest = (timeoutSeconds + settings.shutdownGraceSeconds + leaseSecondsOf(job, settings)) * 1_000;
  return ({ startTime, host, pid }, now) =>
    now.getTime() - startTime.getTime() > longest || (host === hostname() && !isAlive(pid));
}
