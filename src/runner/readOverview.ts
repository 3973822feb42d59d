import type { MikroORM } from '@mikro-orm/core';
import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import type { CronJobLog } from '../history/CronJobLog.ts';
import { readLastRuns } from '../history/readLastRuns.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { ALL_OFF, areAllOff, isEnabled } from '../job/enabled.ts';
import type { KnownHolder } from '../lock/LockProvider.ts';
import { readHolders } from '../lock/readHolders.ts';
import { spreadMillis } from '../schedule/spread.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { nextRunOf } from '../state/decideJob.ts';
import { type JobPause, type JobRequest, type JobSkip, NO_STATE, pauseAt } from '../state/JobState.ts';
import { StateStore } from '../state/StateStore.ts';
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
  /**
   * When it is next due, `now` when it is due now; `null` when it never will be by itself, or when that cannot be known: it is
   * off or paused, is started by people only, or waits for other jobs.
   */
  readonly nextRun: Date | null;
  readonly isDue: boolean;
  /** Why it is off in this environment; `null` when it is on. */
  readonly off: string | null;
  /** Seconds by which `spreadMins` delays its starts. */
  readonly spreadSeconds: number;
  /** The pause that holds it back, its own or that of all jobs; `null` when it is not paused. */
  readonly pause: JobPause | null;
  /** The skip that has not passed; `null` when there is none. */
  readonly skip: JobSkip | null;
  /** The requested run that has not started; `null` when there is none. */
  readonly request: JobRequest | null;
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
 * Reads how jobs stand: three statements, whatever their number and that of the log's rows.
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
      claims.run(async em => readLastRuns(em, jobs, settings.clock)),
    );
    const { states } = await answerWithin(
      host,
      claims.run(async em => new StateStore(em, settings.clock).read(codes)),
    );
    const { holders, problems } = await answerWithin(host, readHolders(jobs, locks, now));
    const isAllOff = areAllOff();
    const overviews = jobs.map((job): JobOverview => {
      const { history, log, failureStreak } = lastRuns.get(job.code)!;
      const state = states.get(job.code) ?? NO_STATE;
      const { schedule } = job;
      const off = isAllOff ? ALL_OFF : isEnabled(job) ? null : 'disabled';
      const next = off === null ? nextRunOf({ schedule, history, state, now, timeZone: settings.timeZone }) : null;
      return {
        job,
        timeZone: job.schedule.timeZone ?? settings.timeZone,
        lastRun: log,
        lastSuccess: history.lastSuccessStart,
        failureStreak,
        nextRun: next,
        isDue: next !== null && next <= now,
        off,
        spreadSeconds: spreadMillis(schedule, job) / 1_000,
        pause: pauseAt(state, now),
        skip: [state.skip?.slot, state.skip?.until].some(instant => instant && instant > now) ? state.skip : null,
        request: state.request,
        holder: holders.get(job.code),
      };
    });
    return { now, jobs: overviews, problems };
  } catch (error) {
    throw explainDatabaseError(error, orm);
  }
}
