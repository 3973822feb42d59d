import type { JobLock } from '../../lock/JobLock.ts';
import { lockOf } from '../../lock/LockFactory.ts';
import { readHolders } from '../../lock/readHolders.ts';
import { messageOf } from '../../util/thrown.ts';
import { type CheckContext, type Finding, ok, problem, skipped } from './Check.ts';

/** Whether the lock backends can be made, used and asked. Takes no lock. */
export async function checkLocks({ jobs, orm, runner, database }: CheckContext): Promise<Finding[]> {
  if (jobs.length === 0) {
    return [skipped('needs the jobs')];
  }
  const { settings } = runner;
  const locked = jobs.filter(job => !job.allowParallelRuns);
  const { locks, troubles } = await probe(() => locked.map(job => lockOf(job, orm, settings)));
  const reading = troubles.length > 0 ? undefined : await readHolders(jobs, orm, settings, database!.now);
  const problems = [...troubles, ...(reading?.troubles ?? [])];
  if (problems.length > 0) {
    return problems.map(text => problem(text, "see that the lock backend is up, and the setting 'lock'"));
  }
  const kinds = [...new Set(locks.map(lock => lock.constructor.name))].join(', ');
  const held = [...reading!.holders.values()].filter(holder => holder).length;
  return [ok(locked.length === 0 ? 'no job takes a lock' : `${kinds} can be asked; ${held} of ${locked.length} held`)];
}

/** What keeps the backends from being made or used; each trouble once. */
async function probe(make: () => JobLock[]): Promise<{ locks: JobLock[]; troubles: string[] }> {
  try {
    const locks = make();
    await Promise.all(locks.map(async lock => lock.probe?.()));
    return { locks, troubles: [] };
  } catch (error) {
    return { locks: [], troubles: [messageOf(error)] };
  }
}
