import { DAY, type LocalTime } from './LocalTime.ts';
import type { Schedule } from './Schedule.ts';
import type { Slot } from './Slot.ts';

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
