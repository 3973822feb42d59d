import type { MikroORM } from '@mikro-orm/core';
import { FRESH, ownEm } from '../database/ourTables.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { messageOf } from '../util/thrown.ts';
import { CronJobLock } from './CronJobLock.ts';
import { DatabaseLock } from './DatabaseLock.ts';
import type { LockHolder } from './JobLock.ts';
import { type LockFactory, lockOf, type LockSettings } from './LockFactory.ts';

/** Who holds a job's lock: `null` nobody, `undefined` unknown, since the backend does not tell or cannot be reached. */
export type KnownHolder = LockHolder | null | undefined;

/** The holders of some jobs' locks, by code. */
export interface HoldersReading {
  readonly holders: ReadonlyMap<string, KnownHolder>;
  /** What kept backends from telling; each once. */
  readonly troubles: readonly string[];
}

/** Reads who holds the locks of these jobs: those in the database in one statement, others by asking each. */
export async function readHolders(
  jobs: readonly CronJobBase[],
  orm: MikroORM,
  settings: LockSettings & { readonly lock: LockFactory },
  now: Date,
): Promise<HoldersReading> {
  const holders = new Map<string, KnownHolder>();
  const troubles = new Set<string>();
  const inDatabase: string[] = [];
  const note = (error: unknown) => void troubles.add(messageOf(error));
  const ask = async (job: CronJobBase) => {
    // A job whose runs may overlap takes no lock.
    if (job.allowParallelRuns) {
      holders.set(job.code, null);
      return;
    }
    try {
      const lock = lockOf(job, orm, settings);
      if (lock instanceof DatabaseLock) {
        inDatabase.push(job.code);
      } else {
        holders.set(job.code, await lock.holder?.());
      }
    } catch (error) {
      holders.set(job.code, undefined);
      note(error);
    }
  };
  await Promise.all(jobs.map(ask));
  try {
    for (const [code, holder] of await leasesOf(inDatabase, orm, now)) {
      holders.set(code, holder);
    }
  } catch (error) {
    note(error);
  }
  return { holders, troubles: [...troubles] };
}

async function leasesOf(codes: readonly string[], orm: MikroORM, now: Date): Promise<[string, LockHolder | null][]> {
  if (codes.length === 0) {
    return [];
  }
  const em = ownEm(orm);
  const rows = await em.find(CronJobLock, { code: { $in: [...codes] }, owner: { $ne: null } }, FRESH);
  const byCode = new Map(rows.map(row => [row.code, row]));
  return codes.map(code => {
    const row = byCode.get(code);
    const { lockedAt: since = null, lockedUntil: until = null } = row ?? {};
    return [code, row && since && until && until > now ? { host: row.host, pid: row.pid, since, until } : null];
  });
}
