import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { UnknownRows } from '../history/Retention.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { getCronRunner } from '../runner/extension.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/** What to delete. */
export interface PruneRequest {
  readonly olderThanDays: number | undefined;
  readonly allCodes: boolean;
}

/** What was deleted, and what is old and was kept all the same. */
export interface PruneResult {
  readonly deleted: number;
  /** `null` when a signal came first. */
  readonly keptOfUnknownCodes: UnknownRows | null;
}

/**
 * Deletes old rows of a host's log. A signal ends it between two batches.
 *
 * @throws CronError when nothing says what is old, or the database cannot be used.
 */
export async function pruneLog(options: HostOptions, { olderThanDays, allCodes }: PruneRequest): Promise<PruneResult> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { deleteLogsOlderThanDays, removeSuccessfulLogs } = runner.settings;
  const days = olderThanDays ?? deleteLogsOlderThanDays;
  const jobs = await runner.jobs();
  const removesSuccesses = removeSuccessfulLogs || jobs.some(job => job.removeSuccessfulLogs);
  if (days === undefined && (allCodes || !removesSuccesses)) {
    throw new CronError(
      'cron:prune: nothing says which rows are old; give --older-than-days 30, or set deleteLogsOlderThanDays in cron()',
    );
  }
  using signals = new ShutdownSignals(0, signal => {
    process.stderr.write(`mikro-orm-cron: ${signal}: stopping after this batch; what is deleted is deleted\n`);
  });
  try {
    const deleted = await runner.prune(days, { allCodes, stop: signals.stop });
    const isKnown = days === undefined || allCodes;
    const kept = isKnown ? { rows: 0, codes: 0 } : signals.stop.aborted ? null : await runner.countUnknown(days);
    return { deleted, keptOfUnknownCodes: kept };
  } catch (error) {
    throw explainDatabaseError(error, host.orm);
  }
}
