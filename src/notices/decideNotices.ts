import type { Streak } from '../history/readStreaks.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import type { Notice } from './Notice.ts';
import type { NotifierState, NotifiedJob } from './notifierState.ts';

/** A job as a check finds it in the log. */
export interface CheckedJob {
  readonly code: string;
  readonly schedule: Schedule;
  readonly history: ScheduleHistory;
  /** The streaks of at least `minNumFailures`, newest first, of the time since the last check. */
  readonly streaks: readonly Streak[];
  /** Whether the log has all its successes, not the newest only: else streaks that have ended cannot be told apart. */
  readonly hasAllSuccesses: boolean;
  /** Whether it may be called overdue. */
  readonly canBeOverdue: boolean;
}

/** Which notices a notifier sends, from the settings. */
export interface NoticePolicy {
  readonly notifyRecovery: boolean;
  /** Minutes after which a notice that still holds is repeated; `undefined` for never. */
  readonly remindAfterMins: number | undefined;
  /** Minutes past the expected run after which a job is overdue; `undefined` when that is not reported. */
  readonly overdueMarginMins: number | undefined;
}

/** The notices to send now, and the notifier's state once they are sent. */
export interface NoticeDecision {
  readonly notices: readonly Notice[];
  readonly state: NotifierState;
}

/**
 * Decides which notices a notifier sends, given its state. Pure.
 *
 * A notifier's memory is a line that every run of the notification job leaves in its own row of the log, and the newest
 * such line counts. It is written anew only for a notifier that took its notices; for one that failed the old memory
 * is carried on, so the next run decides as if the failed one had not been, and a run that was killed leaves no line at
 * all. Runs of the job never overlap, since it holds its lock. A reported streak goes on until a success starts after the newest
 * failure that the last check knew: that needs the newest success only, which retention never deletes, so it holds
 * however long no check ran and whatever older rows are gone, and no failure that becomes visible late is overlooked.
 * A streak without such an entry is new. One that has already ended is reported, as a burst, when its last failure ended
 * after the last check: had it ended before, that check would have reported it. (Not by the success that ended it: once that is
 * deleted a later one takes its place.) Overdue works in the same
 * way, from the newest success on, or for a job without one from the first check that saw it. Where the memory is lost
 * with its row, notices that still hold are sent once more, and none is lost.
 */
export function decideNotices(
  jobs: readonly CheckedJob[],
  memory: NotifierState | null,
  policy: NoticePolicy,
  { now, timeZone }: { now: Date; timeZone: string },
): NoticeDecision {
  const notices: Notice[] = [];
  // A code may be `__proto__`.
  const after: Record<string, NotifiedJob> = Object.create(null);
  for (const job of jobs) {
    const before = memory?.jobs[job.code] ?? {};
    const failing = decideFailing(job, before, memory?.at ?? null, policy, now);
    const overdue = decideOverdue(
      job,
      before,
      failing.entry !== undefined || failing.notices.length > 0,
      policy,
      now,
      timeZone,
    );
    const [notice] = [...failing.notices, ...overdue.notices];
    if (notice) {
      notices.push(notice);
    }
    const entry: NotifiedJob = {
      ...(failing.entry && { failing: failing.entry }),
      ...(overdue.entry && { overdue: overdue.entry }),
      ...(overdue.waiting !== undefined && { waiting: overdue.waiting }),
    };
    if (Object.keys(entry).length > 0) {
      after[job.code] = entry;
    }
  }
  return { notices, state: { at: now.getTime(), jobs: after } };
}

function decideFailing(
  job: CheckedJob,
  { failing }: NotifiedJob,
  lastCheck: number | null,
  policy: NoticePolicy,
  now: Date,
): { notices: Notice[]; entry?: NotifiedJob['failing'] } {
  const current = job.streaks.find(({ endedAt }) => endedAt === null);
  if (failing && !hasSucceededSince(job, failing.last)) {
    const isDue = current !== undefined && isReminderDue(failing.at, policy, now);
    const last = current?.lastStart.getTime() ?? failing.last;
    const since = new Date(failing.first);
    return isDue
      ? {
          notices: [noticeOf(job, { kind: 'failing', isReminder: true, since, streak: current })],
          entry: { ...failing, at: now.getTime(), last },
        }
      : { notices: [], entry: { ...failing, last } };
  }
  if (current) {
    const entry = { at: now.getTime(), first: current.firstStart.getTime(), last: current.lastStart.getTime() };
    return { notices: [noticeOf(job, { kind: 'failing', since: current.firstStart, streak: current })], entry };
  }
  const ended = job.hasAllSuccesses ? job.streaks : [];
  const burst = ended.find(
    ({ firstStart, lastEnd }) =>
      // The streak that was reported is not a burst: it has ended.
      lastCheck !== null && lastEnd.getTime() > lastCheck && !(failing && firstStart.getTime() <= failing.last),
  );
  if (burst) {
    return { notices: [noticeOf(job, { kind: 'burst', since: burst.firstStart, streak: burst })] };
  }
  return {
    notices:
      failing && policy.notifyRecovery ? [noticeOf(job, { kind: 'recovered', since: new Date(failing.first) })] : [],
  };
}

function decideOverdue(
  job: CheckedJob,
  { overdue, waiting }: NotifiedJob,
  isSaidEnough: boolean,
  policy: NoticePolicy,
  now: Date,
  timeZone: string,
): { notices: Notice[]; entry?: NotifiedJob['overdue']; waiting?: number } {
  if (policy.overdueMarginMins === undefined || !job.canBeOverdue) {
    return { notices: [] };
  }
  const success = job.history.lastSuccessStart;
  const base = success ?? new Date(waiting ?? now.getTime());
  const memory = success ? {} : { waiting: base.getTime() };
  if (overdue && hasSucceededSince(job, overdue.base)) {
    const since = overdue.base === waiting ? null : new Date(overdue.base);
    return { notices: policy.notifyRecovery ? [noticeOf(job, { kind: 'recovered', since })] : [], ...memory };
  }
  const isTold = overdue !== undefined;
  const expectedAt = expectedRun(job.schedule, job.history, base, timeZone);
  const isOverdue = expectedAt !== null && now.getTime() > expectedAt.getTime() + policy.overdueMarginMins * 60_000;
  // That a job fails says more than that it is overdue; what is not said now can be said at the next check.
  const isToBeTold = isOverdue && !isSaidEnough && (!isTold || isReminderDue(overdue.at, policy, now));
  if (!isToBeTold) {
    return { notices: [], ...(overdue && { entry: overdue }), ...memory };
  }
  return {
    notices: [noticeOf(job, { kind: 'overdue', isReminder: isTold, since: success, expectedAt })],
    entry: { at: now.getTime(), base: overdue?.base ?? base.getTime() },
    ...memory,
  };
}

function hasSucceededSince({ history }: CheckedJob, instant: number): boolean {
  return history.lastSuccessStart !== null && history.lastSuccessStart.getTime() > instant;
}

function isReminderDue(toldAt: number, { remindAfterMins }: NoticePolicy, now: Date): boolean {
  return remindAfterMins !== undefined && now.getTime() >= toldAt + remindAfterMins * 60_000;
}

function noticeOf({ code, history }: CheckedJob, notice: Pick<Notice, 'kind' | 'since'> & Partial<Notice>): Notice {
  const lastSuccess = history.lastSuccessStart;
  return { code, lastSuccess, isReminder: false, expectedAt: null, streak: null, ...notice };
}

/**
 * When a job should have run after its last success, whatever has become of it since; `null` when never.
 *
 * @param base the last success, or for a job without one the instant since when it is known
 */
export function expectedRun(schedule: Schedule, history: ScheduleHistory, base: Date, timeZone: string): Date | null {
  const { lastSuccessStart } = history;
  const lastRun = lastSuccessStart && { startTime: lastSuccessStart, isSuccess: true };
  return nextRun(schedule, { ...history, lastRun }, base, timeZone);
}
