import type { MikroORM } from '@mikro-orm/core';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { readLastRuns } from '../history/readLastRuns.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { KnownHolder } from '../lock/LockProvider.ts';
import { readHolders } from '../lock/readHolders.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { answerWithin } from './answerWithin.ts';
import type { Connections } from './Connections.ts';

/** One job as it stands now. */
export interface JobOverview {
  readonly job: CronJobBase;
  /** Zone of its schedule. */
  readonly timeZone: string;
  /** The newest run, without its message; `null` before the first. */
  readonly lastRun: CronJobLog | null;
  /** Start of the newest success; `null` before the first. */
  readonly lastSuccess: Date | null;
  /** Runs that ended badly since the last success. */
  readonly failureStreak: number;
  /** When it is next due, `now` when it is due now; `null` when it never will be. */
  readonly nextRun: Date | null;
  readonly isDue: boolean;
  /** Who holds its lock: `null` nobody, `undefined` unknown. */
  readonly holder: KnownHolder;
}

/** Jobs as they stand at one instant. */
export interface Overview {
  /** The instant, by the clock that schedules go by. */
  readonly now: Date;
  readonly jobs: readonly JobOverview[];
  /** What kept lock backends from telling who holds what. */
  readonly problems: readonly string[];
}

/** Where an overview is read from. */
interface OverviewSource {
  readonly orm: MikroORM;
  readonly settings: Pick<ResolvedSettings, 'clock' | 'timeZone' | 'connectTimeoutSeconds'>;
  readonly connections: Pick<Connections, 'claims' | 'locks'>;
}

/**
 * Reads how jobs stand: two statements, whatever their number and that of the log's rows.
 *
 * @throws CronError when the database cannot be reached, does not answer in time, or its tables are missing.
 */
export async function readOverview(
  { orm, settings, connections }: OverviewSource,
  jobs: readonly CronJobBase[],
): Promise<Overview> {
  const { claims, locks } = connections;
  const codes = jobs.map(({ code }) => code);
  const host = { orm, settings };
  try {
    const { now, jobs: lastRuns } = await answerWithin(
      host,
      claims.run(async em => readLastRuns(em, orm, codes, settings.clock)),
    );
    const { holders, problems } = await answerWithin(host, readHolders(jobs, locks, now));
    const overviews = jobs.map((job): JobOverview => {
      const { history, log, failureStreak } = lastRuns.get(job.code)!;
      const next = nextRun(job.schedule, history, now, settings.timeZone);
      return {
        job,
        timeZone: job.schedule.timeZone ?? settings.timeZone,
        lastRun: log,
        lastSuccess: history.lastSuccessStart,
        failureStreak,
        nextRun: next,
        isDue: next !== null && next <= now,
        holder: holders.get(job.code),
      };
    });
    return { now, jobs: overviews, problems };
  } catch (error) {
    throw explainDatabaseError(error, orm);
  }
}
