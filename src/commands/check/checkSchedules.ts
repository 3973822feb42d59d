import type { CronJobBase } from '../../job/CronJobBase.ts';
import { nextSlot } from '../../schedule/findSlot.ts';
import { LocalTime } from '../../schedule/LocalTime.ts';
import { nextRun } from '../../schedule/nextRun.ts';
import { NO_HISTORY } from '../../schedule/ScheduleHistory.ts';
import { zoneOf } from '../../schedule/systemTimeZone.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Whether every schedule comes round: 31 February never does. */
export function checkSchedules({ jobs, runner, database }: CheckContext): Finding[] {
  const now = database?.now ?? new Date();
  const problems = jobs.flatMap(job => problemOf(job, now, runner.settings.timeZone));
  return problems.length > 0 || jobs.length === 0 ? problems : [ok('every schedule has a next run')];
}

function problemOf({ code, schedule }: CronJobBase, now: Date, timeZone: string): Finding[] {
  const words = schedule.describe(timeZone);
  if (nextRun(schedule, NO_HISTORY, now, timeZone) === null) {
    return [problem(`${code} will never be due: ${words}`, 'change its days or its cron expression')];
  }
  // An interval makes up for run-at times and cron expressions that never come, and hides them.
  const local = LocalTime.of(zoneOf(schedule, timeZone));
  const idle = schedule.slotSources.filter(
    source => nextSlot({ slotSources: [source], days: schedule.days }, now.getTime(), local) === null,
  );
  return idle.length > 0
    ? [
        problem(
          `${code} has times that never come: ${words}`,
          'change its days, its run-at times or its cron expression',
        ),
      ]
    : [];
}
