import type { DayFilter } from './DayFilter.ts';
import type { LocalTime } from './LocalTime.ts';

/** An instant at which a schedule wants a run. */
export interface Slot {
  /** Milliseconds since 1970. */
  readonly instant: number;
  /** 'HH:MM' as the schedule names it; `null` for a slot of a cron expression. */
  readonly time: string | null;
}

/** Where slots come from: run-at times or a cron expression, on the days that pass. All bounds are instants. */
export interface SlotSource {
  /** The newest slot in `from ≤ slot ≤ to`. */
  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null;
  /** The oldest slot in `after < slot ≤ to`. */
  oldest(after: number, to: number, local: LocalTime, days: DayFilter): Slot | null;
}
