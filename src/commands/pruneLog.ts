import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { getCronRunner } from '../runner/extension.ts';
import type { Output } from '../terminal/Output.ts';
import type { ExitCode } from './Action.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/** What `cron:prune` was asked for. */
export interface PruneOptions extends HostOptions {
  readonly olderThanDays: number | undefined;
  readonly json: boolean | undefined;
}

/**
 * Deletes old rows of a host's log and says how many. A signal ends it between two batches.
 *
 * @throws CronError when nothing says what is old, or the database cannot be used.
 */
export async function pruneLog(options: PruneOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { deleteLogsOlderThanDays, removeSuccessfulLogs } = runner.settings;
  const days = options.olderThanDays ?? deleteLogsOlderThanDays;
  const jobs = await runner.jobs();
  if (days === undefined && !removeSuccessfulLogs && !jobs.some(job => job.removeSuccessfulLogs)) {
    throw new CronError(
      'cron:prune: nothing says which rows are old; give --older-than-days 30, or set deleteLogsOlderThanDays in cron()',
    );
  }
  using signals = new ShutdownSignals(0, signal => {
    out.error(`${signal}: stopping after this batch; what is deleted is deleted`);
  });
  try {
    const rows = await runner.prune(days, { stop: signals.stop });
    if (options.json) {
      out.data({ deleted: rows });
    } else {
      out.text.line(`${rows} ${rows === 1 ? 'row' : 'rows'} deleted`);
    }
    // Who asked for all old rows must know that some are left.
    return signals.stop.aborted ? 1 : 0;
  } catch (error) {
    throw explainDatabaseError(error, host.orm);
  }
}
