import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { JobHistory } from '../history/readHistory.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { DetailedNotice, Notice, NotifiedRun } from './Notice.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import type { FailedRun } from './Streak.ts';

/** Runs shown in one notification, and characters of each message: fifty failing jobs still make a mail one can open. */
const MOST_RUNS = 500;

const MOST_CHARACTERS = 2_000;

const CHARACTERS_IN_ALL = 200_000;

/** What the details are drawn from. */
export interface DetailSources {
  readonly em: EntityManager;
  readonly orm: MikroORM;
  readonly jobs: readonly CronJobBase[];
  readonly histories: ReadonlyMap<string, JobHistory>;
  readonly now: Date;
  readonly timeZone: string;
}

/** Gives notices their runs' messages, in one statement, and what else a person wants to know. */
export async function detailNotices(
  notices: readonly Notice[],
  { em, orm, jobs, histories, now, timeZone }: DetailSources,
): Promise<DetailedNotice[]> {
  const jobOf = new Map(jobs.map(job => [job.code, job]));
  const runsEach = Math.max(1, Math.floor(MOST_RUNS / Math.max(notices.length, 1)));
  const shown = notices.map(({ code, streak }) =>
    streak ? streak.runs.slice(0, Math.min(runsEach, jobOf.get(code)!.minNumFailures)) : [],
  );
  const messages = await readMessages(em, orm, shown.flat());
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

async function readMessages(
  em: EntityManager,
  orm: MikroORM,
  runs: readonly FailedRun[],
): Promise<Map<number, { host: string; message: string }>> {
  if (runs.length === 0) {
    return new Map();
  }
  const most = Math.min(MOST_CHARACTERS, Math.ceil(CHARACTERS_IN_ALL / runs.length));
  const rows = await em.execute<{ id: number | string; host: string; message: string }[]>(
    `select l.id, l.host, substr(l.message, 1, ${most + 1}) as message from ${tableName(orm, CronJobLog)} l` +
      ` where l.id in (${runs.map(() => '?').join(', ')})`,
    runs.map(({ id }) => id),
  );
  return new Map(rows.map(({ id, host, message }) => [Number(id), { host, message: cut(message, most) }]));
}

function cut(message: string, most: number): string {
  return message.length <= most ? message : `${message.slice(0, most).toWellFormed()}…`;
}

function runOf({ startTime, endTime, status }: FailedRun): Omit<NotifiedRun, 'host' | 'message'> {
  return { startTime, status, durationMillis: endTime && endTime.getTime() - startTime.getTime() };
}
