import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { getCronRunner } from '../runner/extension.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/**
 * Deletes old rows of a host's log; gives their number. A signal ends it between two batches.
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
  using signals = new ShutdownSignals(0, signal => {
    process.stderr.write(`mikro-orm-cron: ${signal}: stopping after this batch; what is deleted is deleted\n`);
  });
  try {
    return await runner.prune(days, { stop: signals.stop });
  } catch (error) {
    throw explainDatabaseError(error, host.orm);
  }
}
