import { describeMinutes } from '../util/durations.ts';
import { nextSlot } from './findSlot.ts';
import { clockTime, type LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { earliestInterval, retryGate } from './waits.ts';

/** The inputs of a decision. */
export interface DecisionGrounds {
  readonly schedule: Schedule;
  readonly history: ScheduleHistory;
  readonly now: number;
  readonly local: LocalTime;
  readonly slot: Slot | null;
  readonly isInterval: boolean;
}

/** A decision in words, times in the job's zone. */
export function explainDecision({ schedule, history, now, local, slot, isInterval }: DecisionGrounds): string {
  const { timeZone } = local;
  if (slot) {
    return `slot ${slot.time ?? clockTime(slot.instant, now, local)} ${timeZone}`;
  }
  if (isInterval) {
    return history.lastSuccessStart === null
      ? 'no earlier success'
      : `last success ${clockTime(history.lastSuccessStart.getTime(), now, local)} ${timeZone}`;
  }
  const gate = retryGate(schedule, history, now);
  if (now < gate) {
    return `retry not before ${clockTime(gate, now, local)} ${timeZone}`;
  }
  const interval = earliestInterval(schedule, history, now);
  const today = local.dayAt(now);
  if (interval <= now && !schedule.days.passes(today)) {
    return schedule.days.refusal(today);
  }
  const next = nextSlot(schedule, now, local);
  if (next && next.instant < interval) {
    const name = next.time && local.dayAt(next.instant) === today ? next.time : clockTime(next.instant, now, local);
    return `next slot ${name} ${timeZone} in ${describeMinutes((next.instant - now) / 60_000)}`;
  }
  return interval === Infinity
    ? 'never due again'
    : `next run ${clockTime(interval, now, local)} ${timeZone} in ${describeMinutes((interval - now) / 60_000)}`;
}
