import { CronScheduleError } from '../errors.ts';
import { CronLine } from './CronLine.ts';
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

  /** @throws CronScheduleError when the expression is not allowed. */
  constructor(expression: string) {
    this.expression = expression.trim();
    try {
      CronLine.of(this.expression, 'UTC');
    } catch (cause) {
      throw new CronScheduleError(
        `Schedule: cron '${expression}' is not allowed: ${cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause)}; ` +
          `it must be a crontab expression of five fields such as '30 6 * * mon-fri', or one like '@daily'`,
        { cause },
      );
    }
  }

  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    const line = CronLine.of(this.expression, local.timeZone);
    for (let before = to + 1, looks = 0; looks < DAYS_IN_VAIN; looks++) {
      const instant = line.previous(before);
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
    const line = CronLine.of(this.expression, local.timeZone);
    for (let past = after, looks = 0; looks < DAYS_IN_VAIN; looks++) {
      const instant = line.next(past);
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
}
