import { describeMinutes } from '../util/durations.ts';
import { nextSlot } from './findSlot.ts';
import { clockTime, type LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { spreadMillis } from './spread.ts';
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
  const delay = spreadMillis(schedule, history);
  const next = nextSlot(schedule, now - delay, local);
  if (next && next.instant + delay < interval) {
    const name = next.time && local.dayAt(next.instant) === today ? next.time : clockTime(next.instant, now, local);
    const start = next.instant + delay;
    const spread = delay === 0 ? '' : `, spread to ${clockTime(start, now, local)},`;
    return `next slot ${name} ${timeZone}${spread} in ${describeMinutes((start - now) / 60_000)}`;
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
