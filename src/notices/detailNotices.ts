import type { EntityManager } from '@mikro-orm/sql';
import type { JobHistory } from '../history/readHistory.ts';
import { readMessages } from '../history/readMessages.ts';
import type { FailedRun } from '../history/readStreaks.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { DetailedNotice, NotifiedRun } from '../notify/Notifier.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { Notice } from './Notice.ts';

/** Runs shown in one notification, and characters of each message: fifty failing jobs still make a mail one can open. */
const MOST_RUNS = 500;

/** Where the details of notices are read from. */
export interface DetailSources {
  readonly em: EntityManager;
  readonly jobs: readonly CronJobBase[];
  readonly histories: ReadonlyMap<string, JobHistory>;
  readonly now: Date;
  readonly timeZone: string;
}

/** Gives notices their runs' messages, in one statement, and what else a person wants to know. */
export async function detailNotices(
  notices: readonly Notice[],
  { em, jobs, histories, now, timeZone }: DetailSources,
): Promise<DetailedNotice[]> {
  const jobOf = new Map(jobs.map(job => [job.code, job]));
  const runsEach = Math.max(1, Math.floor(MOST_RUNS / Math.max(notices.length, 1)));
  const shown = notices.map(({ code, streak }) =>
    streak ? streak.runs.slice(0, Math.min(runsEach, jobOf.get(code)!.minNumFailures)) : [],
  );
  const messages = await readMessages(em, shown.flat());
  return notices.map(({ streak, ...notice }, index) => {
    const { schedule } = jobOf.get(notice.code)!;
    return {
      ...notice,
      failures: streak?.failures ?? 0,
      runs: shown[index]!.map(run => ({ ...runOf(run), ...(messages.get(run.id) ?? { host: '?', message: '' }) })),
      schedule: schedule.describe(timeZone),
      nextRun: nextRun(schedule, histories.get(notice.code)!, now, timeZone),
    };
  });
}

function runOf({ startTime, endTime, status }: FailedRun): Omit<NotifiedRun, 'host' | 'message'> {
  return { startTime, status, durationMillis: endTime && endTime.getTime() - startTime.getTime() };
}
