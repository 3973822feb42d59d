import { Duration } from 'luxon';
import { nextRun } from './nextRun.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';

/**
 * How long until a job is due: zero when it is due now, `null` when it never will be again.
 *
 * @param timeZone the host's zone, for a schedule without one of its own; the system's by default
 */
export function timeUntilRun(
  schedule: Schedule,
  history: ScheduleHistory,
  now: Date,
  timeZone?: string,
): Duration | null {
  const next = nextRun(schedule, history, now, timeZone);
  return next && Duration.fromMillis(next.getTime() - now.getTime());
}
