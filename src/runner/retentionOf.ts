import type { MikroORM } from '@mikro-orm/core';
import { Retention } from '../history/Retention.ts';
import { type CronJobBase, DEFAULT_MIN_NUM_FAILURES } from '../job/CronJobBase.ts';
import type { RunnerSettings } from '../settings/RunnerSettings.ts';

/** Always of all jobs, whichever of them a tick is of: each keeps what its own schedule and notification need. */
export function retentionOf(
  jobs: readonly CronJobBase[],
  { orm, settings }: { readonly orm: MikroORM; readonly settings: RunnerSettings },
): Retention {
  const kept = jobs.map(({ code, minNumFailures, removeSuccessfulLogs }) => ({
    code,
    minNumFailures,
    removesSuccesses: removeSuccessfulLogs ?? settings.removeSuccessfulLogs,
  }));
  // A job of another program may count as many failures as ours do.
  const unknownFailures = Math.max(DEFAULT_MIN_NUM_FAILURES, ...new Set(kept.map(job => job.minNumFailures)));
  return new Retention(orm, settings.clock, kept, unknownFailures);
}
