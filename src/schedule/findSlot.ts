import { DAY, type LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';
import type { Slot } from './Slot.ts';
import { spreadMillis } from './spread.ts';

/** A slot may start at least this long after its instant and its part of the spread, so that 23:58 under a 5-minute crontab runs at 00:00. */
const LEAST_DEADLINE = 60 * 60_000;

/** The slot that a run now would serve; `null` when none is waiting. */
export function pendingSlot(schedule: Schedule, history: ScheduleHistory, now: number, local: LocalTime): Slot | null {
  const delay = spreadMillis(schedule, history);
  const to = now - delay;
  const served = history.lastServedSlot?.getTime() ?? -Infinity;
  // A served slot settles the older ones with it; one dated in the future is of a clock that was wrong, and ignored.
  const from = Math.max(earliestStartable(schedule, now, delay, local), served > now ? -Infinity : served + 1);
  if (from > to) {
    return null;
  }
  const isOnce = schedule.missedRuns === 'once';
  let pending: Slot | null = null;
  for (const source of schedule.slotSources) {
    // Only what comes before the one found, so that no source is searched for longer than it must be.
    const slot: Slot | null = isOnce
      ? source.newest(pending ? pending.instant + 1 : from, to, local, schedule.days)
      : source.oldest(from - 1, pending ? pending.instant - 1 : to, local, schedule.days);
    pending = slot ?? pending;
  }
  return pending;
}

/** The oldest instant whose slot has not passed its deadline. */
function earliestStartable(schedule: Schedule, now: number, delay: number, local: LocalTime): number {
  return schedule.startingDeadlineMins === undefined
    ? Math.min(local.startOf(local.dayAt(now)), now - delay - LEAST_DEADLINE)
    : now - schedule.startingDeadlineMins * 60_000;
}

/** How far ahead a slot is looked for: 29 February on a given weekday comes every 28 years, or 40 around 2100. */
const HORIZON = 41 * 366 * DAY;

/** The first slot after an instant; `null` when none ever comes. */
export function nextSlot(
  schedule: Pick<Schedule, 'slotSources' | 'days'>,
  after: number,
  local: LocalTime,
): Slot | null {
  let next: Slot | null = null;
  for (const source of schedule.slotSources) {
    const slot = source.oldest(after, next ? next.instant - 1 : after + HORIZON, local, schedule.days);
    next = slot ?? next;
  }
  return next;
}

/** The slot that may start next after an instant, and when, with its part of the spread; `null` when none ever comes. */
export function nextStart(
  schedule: Schedule,
  history: ScheduleHistory,
  after: number,
  local: LocalTime,
): { readonly slot: Slot; readonly instant: number } | null {
  const delay = spreadMillis(schedule, history);
  const served = history.lastServedSlot?.getTime() ?? -Infinity;
  // A slot that waits for its part of the spread may have been served: the spread was less then, or it was skipped.
  const slot = nextSlot(schedule, Math.max(after - delay, served > after ? -Infinity : served), local);
  return slot && { slot, instant: slot.instant + delay };
}
