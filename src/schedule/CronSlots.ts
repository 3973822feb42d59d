import { Cron } from 'croner';
import { CronScheduleError } from '../errors.ts';
import type { DayFilter } from './DayFilter.ts';
import type { LocalTime } from './LocalTime.ts';
import type { Slot, SlotSource } from './Slot.ts';

/** Days looked at in vain before a combination of cron expression and day filters counts as one that never comes. */
const DAYS_IN_VAIN = 1_500;

/**
 * The slots of a crontab expression, as croner finds them: when the clocks change, a fixed time runs once, in a gap at
 * the first instant after it, in an overlap at the first occurrence; a pattern such as '*\/15 * * * *' counts real
 * minutes and runs in both hours of an overlap.
 */
export class CronSlots implements SlotSource {
  readonly expression: string;
  readonly #byZone = new Map<string, Cron>();

  /** @throws CronScheduleError when the expression is not allowed. */
  constructor(expression: string) {
    this.expression = expression.trim();
    try {
      this.#in('UTC');
    } catch (cause) {
      throw new CronScheduleError(
        `Schedule: cron '${expression}' is not allowed: ${cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause)}; ` +
          `it must be a crontab expression of five fields such as '30 6 * * mon-fri', or one like '@daily'`,
        { cause },
      );
    }
  }

  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    // Croner looks strictly before.
    for (let before = to + 1, looks = 0; looks < DAYS_IN_VAIN; looks++) {
      const instant = this.#in(local.timeZone).previousRuns(1, new Date(before))[0]?.getTime();
      if (instant === undefined || instant < from) {
        return null;
      }
      const day = local.dayAt(instant);
      if (days.passes(day)) {
        return { instant, time: null };
      }
      before = Math.min(local.startOf(day), instant);
    }
    return null;
  }

  oldest(after: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    for (let past = after, looks = 0; looks < DAYS_IN_VAIN; looks++) {
      const instant = this.#in(local.timeZone).nextRun(new Date(past))?.getTime();
      if (instant === undefined || instant > to) {
        return null;
      }
      const day = local.dayAt(instant);
      if (days.passes(day)) {
        return { instant, time: null };
      }
      past = Math.max(local.startOf(day + 1) - 1, instant);
    }
    return null;
  }

  #in(timeZone: string): Cron {
    let cron = this.#byZone.get(timeZone);
    if (!cron) {
      cron = new Cron(this.expression, { timezone: timeZone, mode: '5-part', paused: true });
      this.#byZone.set(timeZone, cron);
    }
    return cron;
  }
}
