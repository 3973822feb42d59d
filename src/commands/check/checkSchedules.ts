import type { CronJobBase } from '../../job/CronJobBase.ts';
import { isEnabled } from '../../job/enabled.ts';
import { nextSlot } from '../../schedule/findSlot.ts';
import { LocalTime } from '../../schedule/LocalTime.ts';
import { MovedSlots } from '../../schedule/MovedSlots.ts';
import { nextRun } from '../../schedule/nextRun.ts';
import { NO_HISTORY } from '../../schedule/ScheduleHistory.ts';
import type { SlotSource } from '../../schedule/Slot.ts';
import { zoneOf } from '../../schedule/systemTimeZone.ts';
import { messageOf } from '../../util/thrown.ts';
import { type CheckContext, type Finding, ok, problem, warning } from './Check.ts';

/** Whether every schedule comes round: 31 February never does. */
export function checkSchedules({ jobs, runner, database }: CheckContext): Finding[] {
  const now = database?.now ?? new Date();
  const problems = jobs.flatMap(job => {
    try {
      return problemOf(job, now, runner.settings.timeZone);
    } catch (error) {
      return [problem(`${job.code}: ${messageOf(error)}`, 'fix the function')];
    }
  });
  const findings = [...problems, ...jobs.flatMap(job => waitingInVain(job, jobs))];
  if (findings.length > 0 || jobs.length === 0) {
    return findings;
  }
  const manual = jobs.filter(({ schedule }) => schedule.isManual).length;
  return [ok(`every schedule has a next run${manual === 0 ? '' : `, but for ${manual} that only people start`}`)];
}

/** A job that is off never succeeds, and those that run after it never run. */
function waitingInVain({ code, schedule }: CronJobBase, jobs: readonly CronJobBase[]): Finding[] {
  const off = jobs.find(job => schedule.runsAfter?.includes(job.code) && !isEnabled(job));
  return off
    ? [warning(`${code} runs after ${off.code}, which is disabled here`, `enable ${off.code}, or disable ${code} too`)]
    : [];
}

function problemOf({ code, schedule }: CronJobBase, now: Date, timeZone: string): Finding[] {
  if (schedule.isManual) {
    return [];
  }
  const words = schedule.describe(timeZone);
  // That other jobs succeed is for them: here it is taken for granted.
  const successEnds = new Map((schedule.runsAfter ?? []).map(other => [other, now]));
  if (nextRun(schedule, { ...NO_HISTORY, successEnds }, now, timeZone) === null) {
    return [problem(`${code} will never be due: ${words}`, 'change its days or its cron expression')];
  }
  // An interval makes up for run-at times and cron expressions that never come, and hides them.
  const local = LocalTime.of(zoneOf(schedule, timeZone));
  const isMoved = (source: SlotSource) => source instanceof MovedSlots;
  const idle = schedule.slotSources
    .filter(source => !isMoved(source))
    .filter(source => {
      // What an exclusion moves to another day comes as well.
      const own = schedule.slotSources.filter(
        one => one === source || (one instanceof MovedSlots && one.of === source),
      );
      return nextSlot({ slotSources: own, days: schedule.days }, now.getTime(), local) === null;
    });
  return idle.length > 0
    ? [
        problem(
          `${code} has times that never come: ${words}`,
          'change its days, its run-at times or its cron expression',
        ),
      ]
    : [];
}
