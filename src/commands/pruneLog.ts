import { explainDatabaseError } from '../database/explainDatabaseError.ts';
import { CronError } from '../errors.ts';
import type { UnknownRows } from '../history/Retention.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { answerWithin } from '../runner/answerWithin.ts';
import { getCronRunner } from '../runner/extension.ts';
import type { Output } from '../terminal/Output.ts';
import { messageOf } from '../util/thrown.ts';
import type { ExitCode } from './Action.ts';
import { ShutdownSignals } from './run/ShutdownSignals.ts';

/** Seconds that a batch has to finish after a signal. */
const GRACE_SECONDS = 1;

/** Options of `cron:prune`. */
export interface PruneOptions extends HostOptions {
  readonly olderThanDays: number | undefined;
  readonly allCodes: boolean | undefined;
  readonly json: boolean | undefined;
}

/**
 * Deletes old rows of a host's log and says how many. A signal ends it between two batches, and one that takes long.
 *
 * @throws CronError when nothing says what is old, or the database cannot be used.
 */
export async function pruneLog(options: PruneOptions, out: Output): Promise<ExitCode> {
  const { allCodes = false, json } = options;
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { deleteLogsOlderThanDays, removeSuccessfulLogs } = runner.settings;
  const days = options.olderThanDays ?? deleteLogsOlderThanDays;
  const jobs = await runner.jobs();
  const removesSuccesses = removeSuccessfulLogs || jobs.some(job => job.removeSuccessfulLogs);
  if (days === undefined && (allCodes || !removesSuccesses)) {
    throw new CronError(
      'cron:prune: nothing says which rows are old; give --older-than-days 30, or set deleteLogsOlderThanDays in cron()',
    );
  }
  using signals = new ShutdownSignals(GRACE_SECONDS, signal => {
    out.error(`${signal}: stopping after this batch; rows deleted so far stay deleted`);
  });
  try {
    const { stop, shutdown } = signals;
    const answer = async <Value>(work: Promise<Value>) => answerWithin(runner, work, shutdown);
    const deleted = await runner.prune(days, { allCodes, stop, answer });
    const isKnown = days === undefined || allCodes;
    const kept = isKnown ? { rows: 0, codes: 0 } : stop.aborted ? null : await answer(runner.countUnknown(days));
    if (json) {
      out.data({ deleted, keptOfUnknownCodes: kept });
    } else {
      linesOf(deleted, kept).forEach(line => out.text.line(line));
    }
    // Who asked for all old rows must know that some are left.
    return stop.aborted ? 1 : 0;
  } catch (error) {
    if (signals.shutdown.aborted) {
      throw new CronError(`cron:prune: ${messageOf(error)}; the last batch was not awaited`, { cause: error });
    }
    throw explainDatabaseError(error, host.orm);
  }
}

function linesOf(deleted: number, kept: UnknownRows | null): string[] {
  const lines = [`${count(deleted, 'row')} deleted`];
  if (kept !== null && kept.rows > 0) {
    const [were, them] = kept.rows === 1 ? ['was', 'it'] : ['were', 'them'];
    const rows = `${count(kept.rows, 'row')} of ${count(kept.codes, 'code')}`;
    lines.push(`${rows} that this host does not know ${were} kept; --all-codes deletes ${them} too`);
  }
  return lines;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
