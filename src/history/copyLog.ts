import { CronJobLog } from './CronJobLog.ts';

/** A run's row for somebody else's hands: whatever they do to it, ours stays as it is. */
export function copyLog(log: CronJobLog, changes: Partial<CronJobLog> = {}): CronJobLog {
  const copy = Object.assign(new CronJobLog(), log, changes);
  for (const key of ['startTime', 'endTime', 'scheduledFor'] as const) {
    const instant = copy[key];
    Object.assign(copy, { [key]: instant && new Date(instant) });
  }
  return copy;
}
