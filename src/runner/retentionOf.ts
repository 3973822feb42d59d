import type { MikroORM } from '@mikro-orm/core';
import { Retention } from '../history/Retention.ts';
import { type CronJobBase, DEFAULT_MIN_NUM_FAILURES } from '../job/CronJobBase.ts';
import type { RunnerSettings } from '../settings/RunnerSettings.ts';
import type { Connections } from './Connections.ts';

/** Whose log it is. */
interface RetentionHost {
  readonly orm: MikroORM;
  readonly settings: RunnerSettings;
  readonly connections: Pick<Connections, 'claims'>;
}

/** Always of all jobs, whichever of them a tick is of: each keeps what its own schedule and notification need. */
export function retentionOf(jobs: readonly CronJobBase[], { orm, settings, connections }: RetentionHost): Retention {
  const kept = jobs.map(({ code, minNumFailures, removeSuccessfulLogs }) => ({
    code,
    minNumFailures,
    removesSuccesses: removeSuccessfulLogs ?? settings.removeSuccessfulLogs,
  }));
  // A job of another program may count as many failures as ours do.
  const unknownFailures = Math.max(DEFAULT_MIN_NUM_FAILURES, ...new Set(kept.map(job => job.minNumFailures)));
  return new Retention(orm, connections.claims, settings.clock, kept, unknownFailures);
}
