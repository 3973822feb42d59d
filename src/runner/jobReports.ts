import type { JobReport } from '../events/TickEvent.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { describeHolder } from '../lock/describeHolder.ts';
import type { HoldersReading } from '../lock/readHolders.ts';
import type { Decision } from '../schedule/isDue.ts';
import { messageOf } from '../util/thrown.ts';

/** The report of a job that did not run, but for its outcome. */
export function idle(job: CronJobBase): Pick<JobReport, 'job' | 'log' | 'durationMillis' | 'holder'> {
  return { job, log: null, durationMillis: null, holder: null };
}

export function notDue(job: CronJobBase, { reason }: Decision): JobReport {
  return { ...idle(job), outcome: 'not_due', reason };
}

export function broken(job: CronJobBase, error: unknown): JobReport {
  return { ...idle(job), outcome: 'broken', reason: `could not be run: ${messageOf(error)}`, error };
}

export function wouldRun(
  job: CronJobBase,
  { reason }: Decision,
  holders: HoldersReading['holders'],
  timeZone: string,
): JobReport {
  const holder = holders.get(job.code);
  return holder
    ? { ...idle(job), outcome: 'locked', reason: describeHolder(holder, timeZone), holder }
    : { ...idle(job), outcome: 'would_run', reason };
}

export function locked(job: CronJobBase, holder: JobReport['holder'], timeZone: string): JobReport {
  return { ...idle(job), outcome: 'locked', reason: describeHolder(holder, timeZone), holder };
}
