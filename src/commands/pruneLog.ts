import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { UnknownRows } from '../history/Retention.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { answerWithin } from '../runner/answerWithin.ts';
import { getCronRunner } from '../runner/extension.ts';
import { messageOf } from '../util/thrown.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/** Seconds that a batch has to finish after a signal. */
const PATIENCE = 1;

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
 * Deletes old rows of a host's log. A signal ends it between two batches, and one that takes long.
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
  using signals = new ShutdownSignals(PATIENCE, signal => {
    process.stderr.write(`mikro-orm-cron: ${signal}: stopping after this batch; what is deleted is deleted\n`);
  });
  try {
    const { stop, shutdown } = signals;
    const answer = async <Value>(work: Promise<Value>) => answerWithin(runner, work, shutdown);
    const deleted = await runner.prune(days, { allCodes, stop, answer });
    const isKnown = days === undefined || allCodes;
    const kept = isKnown ? { rows: 0, codes: 0 } : stop.aborted ? null : await answer(runner.countUnknown(days));
    return { deleted, keptOfUnknownCodes: kept };
  } catch (error) {
    if (signals.shutdown.aborted) {
      throw new CronError(`cron:prune: ${messageOf(error)}; the last batch was not awaited`, { cause: error });
    }
    throw explainDatabaseError(error, host.orm);
  }
}
