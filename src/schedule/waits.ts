import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';

/** The instant before which nothing is due because the last run failed; −∞ when there is nothing to wait for. */
export function retryGate(schedule: Schedule, { lastRun }: ScheduleHistory, now: number): number {
  // A run dated in the future is of a clock that was wrong, and ignored.
  if (
    schedule.retryAfterFailureMins === 0 ||
    lastRun === null ||
    lastRun.isSuccess ||
    lastRun.startTime.getTime() > now
  ) {
    return -Infinity;
  }
  return lastRun.startTime.getTime() + schedule.retryAfterFailureMins * 60_000 - schedule.runToleranceSeconds * 1_000;
}

/** The instant from which the interval has passed: −∞ before the first success, ∞ for a schedule without an interval. */
export function earliestInterval(schedule: Schedule, { lastSuccessStart }: ScheduleHistory, now: number): number {
  if (schedule.runEveryMins === undefined) {
    return Infinity;
  }
  if (lastSuccessStart === null || lastSuccessStart.getTime() > now) {
    return -Infinity;
  }
  return lastSuccessStart.getTime() + schedule.runEveryMins * 60_000 - schedule.runToleranceSeconds * 1_000;
}

/**
 * Whether each job of `runsAfter` has a success that ended after this job's own last success started; one dated in the
 * future is of a clock that was wrong, and ignored.
 */
export function isAfterAll(
  { runsAfter = [] }: Partial<Pick<Schedule, 'runsAfter'>>,
  { lastSuccessStart, successEnds }: ScheduleHistory,
  now: number,
): boolean {
  const start = lastSuccessStart?.getTime() ?? -Infinity;
  const since = start > now ? -Infinity : start;
  return (
    runsAfter.length > 0 &&
    runsAfter.every(code => {
      const end = successEnds?.get(code)?.getTime();
      return end !== undefined && end > since && end <= now;
    })
  );
}
