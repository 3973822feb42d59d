import { isDue } from './isDue.ts';
import { nextRun } from './nextRun.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';

/** Which runs are asked for. */
export interface Upcoming {
  readonly now: Date;
  readonly count: number;
  /** The last instant that counts. @default none */
  readonly until?: Date;
}

/**
 * The next runs of a job, if each starts when it is due and succeeds: `now` first when it is due now. A job that is due at
 * every tick has one.
 *
 * @param timeZone the host's zone, for a schedule without one of its own; the system's by default
 */
export function upcomingRuns(
  schedule: Schedule,
  history: ScheduleHistory,
  { now, count, until }: Upcoming,
  timeZone?: string,
): Date[] {
  const runs: Date[] = [];
  let past = history;
  let at = now;
  while (runs.length < count) {
    const next = nextRun(schedule, past, at, timeZone);
    if (next === null || (until && next > until) || next.getTime() === runs.at(-1)?.getTime()) {
      break;
    }
    runs.push(next);
    const { scheduledFor } = isDue(schedule, past, next, timeZone);
    past = {
      ...past,
      lastRun: { startTime: next, isSuccess: true },
      lastSuccessStart: next,
      lastServedSlot: scheduledFor ?? past.lastServedSlot,
    };
    at = next;
  }
  return runs;
}
