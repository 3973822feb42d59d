import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { answerWithin } from '../runner/answerWithin.ts';
import { getCronRunner } from '../runner/extension.ts';
import { messageOf } from '../util/thrown.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/** Seconds that a batch has to finish after a signal. */
const PATIENCE = 1;

/**
 * Deletes old rows of a host's log; gives their number. A signal ends it between two batches, and one that takes long.
 *
 * @throws CronError when nothing says what is old, or the database cannot be used.
 */
export async function pruneLog(options: HostOptions, olderThanDays: number | undefined): Promise<number> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { deleteLogsOlderThanDays, removeSuccessfulLogs } = runner.settings;
  const days = olderThanDays ?? deleteLogsOlderThanDays;
  const jobs = await runner.jobs();
  if (days === undefined && !removeSuccessfulLogs && !jobs.some(job => job.removeSuccessfulLogs)) {
    throw new CronError(
      'cron:prune: nothing says which rows are old; give --older-than-days 30, or set deleteLogsOlderThanDays in cron()',
    );
  }
  using signals = new ShutdownSignals(PATIENCE, signal => {
    process.stderr.write(`mikro-orm-cron: ${signal}: stopping after this batch; what is deleted is deleted\n`);
  });
  try {
    const { stop, shutdown } = signals;
    return await runner.prune(days, { stop, answer: async work => answerWithin(runner, work, shutdown) });
  } catch (error) {
    if (signals.shutdown.aborted) {
      throw new CronError(`cron:prune: ${messageOf(error)}; the last batch was not awaited`, { cause: error });
    }
    throw explainDatabaseError(error, host.orm);
  }
}
