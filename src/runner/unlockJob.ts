import { CronError } from '../errors.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { describeHolder } from '../lock/describeHolder.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import type { LockProvider } from '../lock/LockProvider.ts';

/** A backend whose locks can be freed by force. */
type ForceableLocks = LockProvider & Required<Pick<LockProvider, 'forceRelease'>>;

/** @throws CronError when the job takes no lock, or its backend cannot free one by force. */
export function checkUnlock(job: CronJobBase, locks: LockProvider): asserts locks is ForceableLocks {
  const { code: jobCode } = job;
  if (job.allowParallelRuns) {
    throw new CronError(`Job ${jobCode}: it takes no lock, since its runs may overlap (allowParallelRuns)`, {
      jobCode,
    });
  }
  if (!locks.forceRelease) {
    throw new CronError(
      `Job ${jobCode}: its lock (${locks.name}) cannot be freed by force; it ends with its holder's process or lease`,
      { jobCode },
    );
  }
}

/** How {@link unlockJob} frees a lock. */
interface UnlockContext {
  readonly locks: LockProvider;
  /** Whom it may be taken from, where somebody was asked about it; `undefined` for anybody. */
  readonly heldBy: LockHolder | undefined;
  readonly now: Date;
  /** Of the times in messages. */
  readonly timeZone: string;
}

/**
 * Frees a job's lock and says whose it was; `null` when it was free.
 *
 * @throws CronError when it cannot be freed by force, or somebody else holds it now.
 */
export async function unlockJob(
  job: CronJobBase,
  { locks, heldBy, now, timeZone }: UnlockContext,
): Promise<LockHolder | null> {
  checkUnlock(job, locks);
  const holder = heldBy && (await locks.holders([job], now)).get(job.code);
  if (heldBy && holder && !isSame(holder, heldBy)) {
    const text = `${job.code} is now ${describeHolder(holder, timeZone)}; nothing was changed`;
    throw new CronError(text, { jobCode: job.code });
  }
  return locks.forceRelease(job);
}

function isSame(one: LockHolder, other: LockHolder): boolean {
  return one.host === other.host && one.pid === other.pid && one.since.getTime() === other.since.getTime();
}
