import { readHolders } from '../../lock/readHolders.ts';
import { messageOf } from '../../util/thrown.ts';
import { type CheckContext, type Finding, ok, problem, skipped } from './Check.ts';

/** Whether the lock backend can be used and asked. Takes no lock. */
export async function checkLocks({ jobs, runner, database }: CheckContext): Promise<Finding[]> {
  if (jobs.length === 0) {
    return [skipped('needs the jobs')];
  }
  const { locks } = runner.connections;
  const locked = jobs.filter(job => !job.allowParallelRuns);
  const unusable = await probe(async () => locks.probe?.(locked));
  const reading = unusable.length > 0 ? undefined : await readHolders(locked, locks, database!.now);
  const problems = [...unusable, ...(reading?.problems ?? [])];
  if (problems.length > 0) {
    return problems.map(text => problem(text, "check that the lock backend is running, and the setting 'lock'"));
  }
  const held = [...reading!.holders.values()].filter(holder => holder).length;
  return [
    ok(locked.length === 0 ? 'no job takes a lock' : `${locks.name} can be asked; ${held} of ${locked.length} held`),
  ];
}

/** What keeps the backend from being used. */
async function probe(use: () => Promise<void>): Promise<string[]> {
  try {
    await use();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
