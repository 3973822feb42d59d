import { nextRun } from '../schedule/nextRun.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';

/**
 * When a job should have run after its last success, whatever has become of it since; `null` when never.
 *
 * @param base the last success, or for a job without one the instant since when it is known
 */
export function expectedRun(
  schedule: Schedule,
  { lastSuccessStart, lastServedSlot }: ScheduleHistory,
  base: Date,
  timeZone: string,
): Date | null {
  const lastRun = lastSuccessStart && { startTime: lastSuccessStart, isSuccess: true };
  return nextRun(schedule, { lastRun, lastSuccessStart, lastServedSlot }, base, timeZone);
}
