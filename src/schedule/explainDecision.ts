import { describeMinutes } from '../util/durations.ts';
import { nextStart } from './findSlot.ts';
import { clockTime, type LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { earliestInterval, isAfterAll, retryGate } from './waits.ts';

/** The inputs of a decision. */
export interface DecisionGrounds {
  readonly schedule: Schedule;
  readonly history: ScheduleHistory;
  readonly now: number;
  readonly local: LocalTime;
  readonly slot: Slot | null;
  readonly trigger: 'slot' | 'interval' | 'after' | null;
}

/** A decision in words, times in the job's zone. */
export function explainDecision({ schedule, history, now, local, slot, trigger }: DecisionGrounds): string {
  const { timeZone } = local;
  if (slot) {
    return `slot ${slot.time ?? clockTime(slot.instant, now, local)} ${timeZone}`;
  }
  if (trigger === 'after') {
    return lastOf(schedule, history, now, local);
  }
  if (trigger === 'interval') {
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
  if ((interval <= now || isAfterAll(schedule, history, now)) && !schedule.days.passes(today)) {
    return schedule.days.refusal(today);
  }
  const next = nextStart(schedule, history, now, local);
  if (next && next.instant < interval) {
    const { slot: coming, instant } = next;
    const isToday = local.dayAt(coming.instant) === today;
    const name = coming.time && isToday ? coming.time : clockTime(coming.instant, now, local);
    const spread = instant === coming.instant ? '' : `, spread to ${clockTime(instant, now, local)},`;
    return `next slot ${name} ${timeZone}${spread} in ${describeMinutes((instant - now) / 60_000)}`;
  }
  return interval === Infinity
    ? reasonToWait(schedule, history, now)
    : `next run ${clockTime(interval, now, local)} ${timeZone} in ${describeMinutes((interval - now) / 60_000)}`;
}

/** Why no instant can be named from which the job is due. */
function reasonToWait({ isManual, runsAfter = [] }: Partial<Schedule>, history: ScheduleHistory, now: number): string {
  if (isManual) {
    return 'manual: it runs only when asked for';
  }
  const start = history.lastSuccessStart?.getTime() ?? -Infinity;
  const missing = runsAfter.filter(
    code => !((history.successEnds?.get(code)?.getTime() ?? -Infinity) > (start > now ? -Infinity : start)),
  );
  return missing.length === 0 ? 'never due again' : `waits for a success of ${missing.join(', ')}`;
}

/** The success of `runsAfter` that came last. */
function lastOf({ runsAfter }: Schedule, { successEnds }: ScheduleHistory, now: number, local: LocalTime): string {
  const ends = runsAfter.map(code => ({ code, end: successEnds?.get(code)?.getTime() ?? -Infinity }));
  const last = ends.reduce((newest, one) => (one.end > newest.end ? one : newest));
  return `after ${last.code}, which succeeded ${clockTime(last.end, now, local)} ${local.timeZone}`;
}
