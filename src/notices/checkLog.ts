import type { EntityManager } from '@mikro-orm/sql';
import { type JobHistory, readHistory } from '../history/readHistory.ts';
import { readStreaks } from '../history/readStreaks.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { areAllOff, isEnabled } from '../job/enabled.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { decideNotices, type NoticePolicy, type NoticeDecision } from './decideNotices.ts';
import { type NotifierStates, readNotifierStates } from './notifierState.ts';

/** Streaks that ended longer ago are no longer reported when no check ran for that long: a week in milliseconds. */
const LONGEST_LOOK_BACK = 7 * 24 * 3_600_000;

/** What a check looks at. */
export interface CheckOptions {
  readonly em: EntityManager;
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

/** The findings of one check. */
export interface LogCheck {
  /** The notifiers' states before this check. */
  readonly states: NotifierStates;
  /** The decision for each notifier, by name. */
  readonly decisions: ReadonlyMap<string, NoticeDecision>;
  readonly histories: ReadonlyMap<string, JobHistory>;
}

/** Reads the log, in a few statements whatever the number of jobs, and decides what each notifier sends. */
export async function checkLog(options: CheckOptions): Promise<LogCheck> {
  const { em, self, jobs, now, settings, policy, notifiers } = options;
  const { timeZone, removeSuccessfulLogs } = settings;
  const states = await readNotifierStates(em, self.code, now);
  const { jobs: histories } = await readHistory(em, jobs, { clock: { now: () => now } });
  const checks = notifiers.map(name => states[name]?.at ?? -Infinity);
  const since = new Date(Math.max(Math.min(...checks, now.getTime()), now.getTime() - LONGEST_LOOK_BACK));
  const streaks = await readStreaks(em, jobs, { since, now });
  const checked = jobs.map(job => ({
    code: job.code,
    schedule: job.schedule,
    history: histories.get(job.code)!,
    streaks: streaks.get(job.code) ?? [],
    hasAllSuccesses: !(job.removeSuccessfulLogs ?? removeSuccessfulLogs),
    // This job is running just now, after however long a silence.
    canBeOverdue: job.code !== self.code && isEnabled(job) && !areAllOff(),
  }));
  const decisions = new Map(
    notifiers.map(name => [name, decideNotices(checked, states[name] ?? null, policy, { now, timeZone })]),
  );
  return { states, decisions, histories };
}
