import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { type JobHistory, readHistory } from '../history/readHistory.ts';
import { readStreaks } from '../history/readStreaks.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { decideNotices, type NoticePolicy, type Verdict } from './decideNotices.ts';
import { type Ledger, readLedger } from './ledger.ts';

/** Streaks that ended longer ago are not told any more, when nobody has looked for so long: milliseconds of a week. */
const LONGEST_LOOK_BACK = 7 * 24 * 3_600_000;

/** What a check looks at. */
export interface CheckOptions {
  readonly em: EntityManager;
  readonly orm: MikroORM;
  /** The notification job. */
  readonly self: CronJobBase;
  /** All jobs of the host. */
  readonly jobs: readonly CronJobBase[];
  readonly now: Date;
  readonly settings: Pick<ResolvedSettings, 'timeZone' | 'removeSuccessfulLogs'>;
  readonly policy: NoticePolicy;
  /** Names of the notifiers. */
  readonly notifiers: readonly string[];
}

/** What a check found. */
export interface Check {
  /** What the notifiers were told before. */
  readonly ledger: Ledger;
  /** What is to be told to each notifier, by name. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly histories: ReadonlyMap<string, JobHistory>;
}

/** Looks through the log, in a few statements whatever the number of jobs, and decides what each notifier is to be told. */
export async function checkLog(options: CheckOptions): Promise<Check> {
  const { em, orm, self, jobs, now, settings, policy, notifiers } = options;
  const { timeZone, removeSuccessfulLogs } = settings;
  const ledger = await readLedger(em, orm, self.code, now);
  const codes = jobs.map(({ code }) => code);
  const { jobs: histories } = await readHistory(em, orm, codes, { clock: { now: () => now } });
  const checks = notifiers.map(name => ledger[name]?.at ?? -Infinity);
  const since = new Date(Math.max(Math.min(...checks, now.getTime()), now.getTime() - LONGEST_LOOK_BACK));
  const streaks = await readStreaks(em, orm, jobs, { since, now });
  const checked = jobs.map(job => ({
    code: job.code,
    schedule: job.schedule,
    history: histories.get(job.code)!,
    streaks: streaks.get(job.code) ?? [],
    hasAllSuccesses: !(job.removeSuccessfulLogs ?? removeSuccessfulLogs),
    // This job is running just now, after however long a silence.
    canBeOverdue: job.code !== self.code,
  }));
  const verdicts = new Map(
    notifiers.map(name => [name, decideNotices(checked, ledger[name] ?? null, policy, { now, timeZone })]),
  );
  return { ledger, verdicts, histories };
}
