import { nextStart } from './findSlot.ts';
import { isDue } from './isDue.ts';
import { LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import { zoneOf } from './systemTimeZone.ts';
import { earliestInterval, isAfterAll, retryGate } from './waits.ts';

/** Days without one that passes after which a schedule's days count as such that never come: 40 years. */
const DAYS_IN_VAIN = 40 * 366;

/**
 * When a job will next be due, if nothing runs until then, other jobs included: `now` when it is due now, `null` when it never
 * will be.
 *
 * @param timeZone the host's zone, for a schedule without one of its own; the system's by default
 */
export function nextRun(schedule: Schedule, history: ScheduleHistory, now: Date, timeZone?: string): Date | null {
  // Nothing is due before the retry gate; at the gate, a slot or interval that has been waiting for it is.
  const from = Math.max(now.getTime(), retryGate(schedule, history, now.getTime()));
  if (isDue(schedule, history, new Date(from), timeZone).due) {
    return new Date(from);
  }
  const local = LocalTime.of(zoneOf(schedule, timeZone));
  const slot = nextStart(schedule, history, from, local)?.instant ?? Infinity;
  const interval = nextInterval(schedule, history, from, local);
  const next = Math.min(slot, interval);
  return next === Infinity ? null : new Date(next);
}

/** When the interval is next due after `from`, or a run after other jobs is, on a day that passes. */
function nextInterval(schedule: Schedule, history: ScheduleHistory, from: number, local: LocalTime): number {
  const isAfter = isAfterAll(schedule, history, from);
  const earliest = isAfter ? from : Math.max(earliestInterval(schedule, history, from), from);
  if (earliest === Infinity) {
    return Infinity;
  }
  const first = local.dayAt(earliest);
  for (let day = first; day < first + DAYS_IN_VAIN; day++) {
    if (schedule.days.passes(day)) {
      return day === first ? earliest : local.startOf(day);
    }
  }
  return Infinity;
}
