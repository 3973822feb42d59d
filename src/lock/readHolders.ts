import type { CronJobBase } from '../job/CronJobBase.ts';
import { messageOf } from '../util/thrown.ts';
import type { KnownHolder, LockProvider } from './LockProvider.ts';

/** The holders of some jobs' locks, by code. */
export interface HoldersReading {
  /** `null` nobody, `undefined` unknown, since the backend cannot tell or cannot be reached. */
  readonly holders: ReadonlyMap<string, KnownHolder>;
  /** What kept backends from answering; each once. */
  readonly problems: readonly string[];
}

/** Reads who holds the locks of these jobs; a job whose runs may overlap takes no lock. */
export async function readHolders(
  jobs: readonly CronJobBase[],
  locks: LockProvider,
  now: Date,
): Promise<HoldersReading> {
  const free = jobs.filter(job => job.allowParallelRuns).map((job): [string, KnownHolder] => [job.code, null]);
  const locked = jobs.filter(job => !job.allowParallelRuns);
  try {
    return { holders: new Map([...free, ...(await locks.holders(locked, now))]), problems: [] };
  } catch {
    // One job's lock that cannot be asked must not hide the others.
    const problems = new Set<string>();
    const ask = async (job: CronJobBase): Promise<[string, KnownHolder]> => {
      try {
        return [job.code, (await locks.holders([job], now)).get(job.code)];
      } catch (error) {
        problems.add(messageOf(error));
        return [job.code, undefined];
      }
    };
    return { holders: new Map([...free, ...(await Promise.all(locked.map(ask)))]), problems: [...problems] };
  }
}
