import { explainDecision } from './explainDecision.ts';
import { pendingSlot } from './findSlot.ts';
import { LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { zoneOf } from './systemTimeZone.ts';
import { earliestInterval, isAfterAll, retryGate } from './waits.ts';

/** A decision whose reason is put into words when somebody asks: a tick decides thousands and prints few. */
class Ruling implements Decision {
  readonly due: boolean;
  readonly scheduledFor: Date | null;
  readonly ranAtTime: string | null;
  readonly trigger: DueTrigger | null;
  readonly #explain: () => string;

  constructor(trigger: DueTrigger | null, slot: Slot | null, explain: () => string) {
    this.due = trigger !== null;
    this.trigger = trigger;
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
 * 2. A slot is due from its instant, or as much later as `spreadMins` says, to its deadline unless it or a newer one was served. With 'once' it is the newest
 *    such slot, with 'each' the oldest. A slot comes before the interval, whose success it is as well.
 * 3. The interval is due on a day that passes, when the job never succeeded or `runEveryMins` have passed since the start
 *    of the last success, less the tolerance.
 * 4. With `runsAfter` it is due on a day that passes, when each of those jobs has a success that ended after the start of
 *    this job's own last success.
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
  const trigger = isWaiting ? null : slot ? 'slot' : otherTrigger(schedule, history, instant, local);
  return new Ruling(trigger, slot, () => explainDecision({ schedule, history, now: instant, local, slot, trigger }));
}

/** The rule other than a slot by which a job is due: its interval, or the successes of other jobs. */
function otherTrigger(
  schedule: Schedule,
  history: ScheduleHistory,
  now: number,
  local: LocalTime,
): 'interval' | 'after' | null {
  const isInterval = now >= earliestInterval(schedule, history, now);
  const trigger = isInterval ? 'interval' : isAfterAll(schedule, history, now) ? 'after' : null;
  return trigger !== null && schedule.days.passes(local.dayAt(now)) ? trigger : null;
}

/** Why a schedule makes a job due: for a `slot`, by its `interval`, or `after` the jobs of `runsAfter`. */
export type DueTrigger = 'slot' | 'interval' | 'after';

/** Whether a job is due, for what, and why. */
export interface Decision {
  /** Whether a run may start now. */
  readonly due: boolean;
  /** The slot that a run now would serve; `null` when it is due by interval or after other jobs, or not due. */
  readonly scheduledFor: Date | null;
  /** 'HH:MM' as the schedule names it when the slot is one of its `runAtTimes`, else `null`. */
  readonly ranAtTime: string | null;
  /** The rule by which the job is due; `null` when it is not. */
  readonly trigger?: DueTrigger | 'forced' | 'request' | null;
  /** The decision in words, made when read: `next slot 06:30 Europe/Prague in 2 h`, `retry not before 10:05`. */
  readonly reason: string;
}
