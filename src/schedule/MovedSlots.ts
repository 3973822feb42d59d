import type { DayFilter } from './DayFilter.ts';
import { DAY, type LocalTime } from './LocalTime.ts';
import type { Slot, SlotSource } from './Slot.ts';

/** Times of day of a schedule, in milliseconds after midnight on the wall clock. */
export interface DayTimes {
  /** The newest time of a local day before another one; `undefined` when there is none. */
  timeBefore(day: number, before: number): number | undefined;
  /** The first time of a local day after another one; `undefined` when there is none. */
  timeAfter(day: number, after: number): number | undefined;
  /** 'HH:MM' where the schedule names its times so, else `null`. */
  nameOf(time: number): string | null;
}

/**
 * The slots that `onExcluded: 'next'` moves: those of excluded days, at their times of day on the first day after that is
 * not excluded, be it of the days of the schedule or not. Times that meet there are one slot.
 */
export class MovedSlots implements SlotSource {
  /** Where the slots come from that are moved. */
  readonly of: SlotSource & DayTimes;

  constructor(of: SlotSource & DayTimes) {
    this.of = of;
  }

  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    // After the clocks were set back there have been times later than the present one.
    const latest = Math.max(local.at(to), local.at(to - DAY) + DAY);
    for (let day = Math.floor(latest / DAY); day >= local.dayAt(from) - 1; day--) {
      const moved = days.movedTo(day);
      let time = latest - day * DAY + 1;
      for (;;) {
        const before = Math.min(time, DAY);
        time = Math.max(...moved.map(source => this.of.timeBefore(source, before) ?? -Infinity));
        const instant = time === -Infinity ? Infinity : local.instantOf(day * DAY + time);
        if (instant < from) {
          return null;
        }
        if (instant <= to) {
          return this.#slotAt(instant, day, moved, local);
        }
        if (instant === Infinity) {
          break;
        }
      }
    }
    return null;
  }

  oldest(after: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    const earliest = local.at(after);
    for (let day = Math.floor(earliest / DAY); day <= local.dayAt(to) + 1; day++) {
      const moved = days.movedTo(day);
      let time = Math.max(earliest - day * DAY, -1);
      for (;;) {
        time = this.#first(moved, time);
        const instant = time === Infinity ? Infinity : local.instantOf(day * DAY + time);
        if (instant === Infinity) {
          break;
        }
        if (instant > to) {
          return null;
        }
        if (instant > after) {
          return this.#slotAt(instant, day, moved, local);
        }
      }
    }
    return null;
  }

  #first(moved: readonly number[], after: number): number {
    return Math.min(...moved.map(source => this.of.timeAfter(source, after) ?? Infinity));
  }

  /** Times that a gap throws onto one instant are one slot, which bears the first one's name. */
  #slotAt(instant: number, day: number, moved: readonly number[], local: LocalTime): Slot {
    const first = this.#first(moved, Math.max(local.at(instant - 1) - day * DAY, -1));
    return { instant, time: this.of.nameOf(first) };
  }
}
