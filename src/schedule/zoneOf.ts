import type { Schedule } from './Schedule.ts';

/** The zone a schedule goes by: its own, else the host's, else the system's. */
export function zoneOf(schedule: Schedule, timeZone: string | undefined): string {
  return schedule.timeZone ?? timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
