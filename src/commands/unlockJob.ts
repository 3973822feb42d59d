import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import { openHost } from '../host/openHost.ts';
import { onlyJob } from '../job/selectJobs.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import { getCronRunner } from '../runner/extension.ts';
import { checkUnlock } from '../runner/unlockJob.ts';
import { localTimeText } from '../schedule/LocalTime.ts';
import { askYesNo } from '../terminal/askYesNo.ts';
import type { Output } from '../terminal/Output.ts';
import { relativeTime } from '../util/durations.ts';
import type { ExitCode } from './Action.ts';
import { holderToJson } from './json.ts';

/** Options of `cron:unlock`. */
export interface UnlockOptions extends HostOptions {
  readonly job: string;
  readonly yes: boolean | undefined;
  readonly json: boolean | undefined;
}

/**
 * Frees a job's lock and says whose it was, having asked.
 *
 * @throws CronError when the job is unknown, its lock cannot be freed by force, nobody can be asked, or the answer is no.
 */
export async function unlockJob(options: UnlockOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { timeZone } = runner.settings;
  const job = onlyJob(await runner.select([options.job]), `cron:unlock: '${options.job}'`);
  // Before anybody is asked.
  checkUnlock(job, runner.connections.locks);
  const { holders, problems } = await runner.holders([job]);
  if (problems.length > 0) {
    throw new CronError(`cron:unlock: who holds the lock of ${job.code} is not known: ${problems[0]}`);
  }
  const holder = holders.get(job.code);
  if (holder !== null) {
    await askToFree(options, out, { code: job.code, holder, timeZone });
  }
  const freed = holder === null ? null : await runner.unlock(job, { heldBy: holder });
  report(options, out, { code: job.code, holder: freed, timeZone });
  return 0;
}

/** A job's lock, and on whose wall clock people see since when it has been held. */
interface HeldLock<Holder> {
  readonly code: string;
  readonly holder: Holder;
  readonly timeZone: string;
}

async function askToFree(
  { yes }: UnlockOptions,
  { errors }: Output,
  { code, holder, timeZone }: HeldLock<LockHolder | undefined>,
): Promise<void> {
  if (yes) {
    return;
  }
  const held = holder
    ? `${code} is locked by ${describe(holder, timeZone)}. A run that is still going loses its lock and is aborted.`
    : `Who holds the lock of ${code} is not known.`;
  if (!process.stdin.isTTY || !errors.isTerminal) {
    throw new CronError(`cron:unlock: ${held} There is no terminal to ask on; add --yes to free it`);
  }
  errors.line(held);
  if (!(await askYesNo('Free it?', errors))) {
    throw new CronError('cron:unlock: nothing was changed');
  }
}

function report({ json }: UnlockOptions, out: Output, { code, holder, timeZone }: HeldLock<LockHolder | null>): void {
  if (json) {
    out.data({ code, holder: holder && holderToJson(holder) });
    return;
  }
  out.text.line(
    holder ? `${code}: freed; it was locked by ${describe(holder, timeZone)}` : `${code}: it is not locked`,
  );
}

function describe({ host, pid, since }: LockHolder, timeZone: string): string {
  return `${host}, pid ${pid}, since ${localTimeText(since, timeZone)} ${timeZone} (${relativeTime(since, new Date())})`;
}
