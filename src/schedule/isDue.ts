import { explainDecision } from './explainDecision.ts';
import { pendingSlot } from './findSlot.ts';
import { LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { zoneOf } from './systemTimeZone.ts';
import { earliestInterval, retryGate } from './waits.ts';

/** A decision whose reason is put into words when somebody asks: a tick decides thousands and prints few. */
class Ruling implements Decision {
  readonly due: boolean;
  readonly scheduledFor: Date | null;
  readonly ranAtTime: string | null;
  readonly #explain: () => string;

  constructor(due: boolean, slot: Slot | null, explain: () => string) {
    this.due = due;
    this.scheduledFor = slot === null ? null : new Date(slot.instant);
    this.ranAtTime = slot?.time ?? null;
    this.#explain = explain;
  }

  get reason(): string {
    return this.#explain();
  }
}

/**
 * Whether a job is due at an instant. Pure: the same schedule, history and instant give the same decision, whatever the
 * clock and zone of this process.
 *
 * 1. After a failed last run nothing is due before its start plus `retryAfterFailureMins`, less the tolerance.
 * 2. A slot is due from its instant to its deadline unless it or a newer one was served. With 'once' it is the newest
 *    such slot, with 'each' the oldest. A slot comes before the interval, whose success it is as well.
 * 3. The interval is due on a day that passes, when the job never succeeded or `runEveryMins` have passed since the start
 *    of the last success, less the tolerance.
 *
 * The cost depends neither on how long ago the last run was nor on `startingDeadlineMins`.
 *
 * @param timeZone the host's zone, for a schedule without one of its own; the system's by default
 */
export function isDue(schedule: Schedule, history: ScheduleHistory, now: Date, timeZone?: string): Decision {
  const local = LocalTime.of(zoneOf(schedule, timeZone));
  const instant = now.getTime();
  const isWaiting = instant < retryGate(schedule, history, instant);
  const slot = isWaiting ? null : pendingSlot(schedule, history, instant, local);
  const isInterval =
    !isWaiting &&
    slot === null &&
    instant >= earliestInterval(schedule, history, instant) &&
    schedule.days.passes(local.dayAt(instant));
  return new Ruling(slot !== null || isInterval, slot, () =>
    explainDecision({ schedule, history, now: instant, local, slot, isInterval }),
  );
}

/** Whether a job is due, for what, and why. */
export interface Decision {
  /** Whether a run may start now. */
  readonly due: boolean;
  /** The slot that a run now would serve; `null` when it is due by interval, or not due. */
  readonly scheduledFor: Date | null;
  /** 'HH:MM' as the schedule names it when the slot is one of its `runAtTimes`, else `null`. */
  readonly ranAtTime: string | null;
  /** The decision in words, made when read: `next slot 06:30 Europe/Prague in 2 h`, `retry not before 10:05`. */
  readonly reason: string;
}
