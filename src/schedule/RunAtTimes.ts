import type { DayFilter } from './DayFilter.ts';
import { DAY, type LocalTime } from './LocalTime.ts';
import type { DayTimes } from './MovedSlots.ts';
import type { Slot, SlotSource } from './Slot.ts';

/** The slots of times of day: each at its wall-clock time of every local day that passes. */
export class RunAtTimes implements SlotSource, DayTimes {
  /** Normalised to 'HH:MM', in order, each once. */
  readonly times: readonly string[];
  readonly #offsets: readonly number[];

  constructor(times: readonly string[]) {
    this.times = [...new Set(times.map(time => time.padStart(5, '0')))].sort();
    this.#offsets = this.times.map(time => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000);
  }

  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    // Where clocks go back over midnight, slots of the next local day can lie before an instant of this one.
    for (let day = local.dayAt(to) + 1; day >= local.dayAt(from) - 1; day--) {
      const slots = days.passes(day) ? this.#of(day, local) : [];
      const newest = slots.findLast(({ instant }) => instant <= to)?.instant;
      if (newest !== undefined) {
        // Times that a gap throws onto one instant are one slot, which bears the first one's name.
        return newest >= from ? (slots.find(({ instant }) => instant === newest) ?? null) : null;
      }
    }
    return null;
  }

  oldest(after: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    for (let day = local.dayAt(after) - 1; day <= local.dayAt(to) + 1; day++) {
      const slot = days.passes(day) ? this.#of(day, local).find(({ instant }) => instant > after) : undefined;
      if (slot) {
        return slot.instant <= to ? slot : null;
      }
    }
    return null;
  }

  timeBefore(_day: number, before: number): number | undefined {
    return this.#offsets.findLast(offset => offset < before);
  }

  timeAfter(_day: number, after: number): number | undefined {
    return this.#offsets.find(offset => offset > after);
  }

  nameOf(time: number): string | null {
    return this.times[this.#offsets.indexOf(time)] ?? null;
  }

  /** The slots of a local day, oldest first: later times of day never come earlier, not even when the clocks change. */
  #of(day: number, local: LocalTime): Slot[] {
    return this.#offsets.map((offset, index) => ({
      instant: local.instantOf(day * DAY + offset),
      time: this.times[index] ?? null,
    }));
  }
}
