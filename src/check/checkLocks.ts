import { lockOf } from '../lock/LockFactory.ts';
import { readHolders } from '../lock/readHolders.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Whether the lock backends can be made and asked. Takes no lock. */
export async function checkLocks({ jobs, orm, runner, database }: CheckContext): Promise<Finding[]> {
  const { settings } = runner;
  const { holders, troubles } = await readHolders(jobs, orm, settings, database!.now);
  if (troubles.length > 0) {
    return troubles.map(text => problem(text, "see that the lock backend is up, and the setting 'lock'"));
  }
  const locked = jobs.filter(job => !job.allowParallelRuns);
  const kinds = [...new Set(locked.map(job => lockOf(job, orm, settings).constructor.name))].join(', ');
  const held = [...holders.values()].filter(holder => holder).length;
  return [ok(locked.length === 0 ? 'no job takes a lock' : `${kinds} can be asked; ${held} of ${locked.length} held`)];
}
