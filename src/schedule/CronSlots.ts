import { CronScheduleError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import { oneLine } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';
import { checkForm, matchesEveryHour, wrongField } from './cronFields.ts';
import { CronLine } from './CronLine.ts';
import type { DayFilter } from './DayFilter.ts';
import { DAY, type LocalTime } from './LocalTime.ts';
import type { Slot, SlotSource } from './Slot.ts';

/** Days looked at in vain before a combination of cron expression and day filters counts as one that never comes. */
const DAYS_IN_VAIN = 1_500;

/**
 * The slots of a crontab expression. One that leaves hours out means the wall clock, like run-at times: when the clocks change,
 * each of its times runs once, in a gap at the first instant after it, in an overlap at the first occurrence. A pattern
 * of every hour such as '*\/15 * * * *' counts real minutes and runs in both hours of an overlap.
 */
export class CronSlots implements SlotSource {
  readonly expression: string;
  readonly #isOfEveryHour: boolean;

  /** @throws CronScheduleError when the expression is not allowed. */
  constructor(expression: string) {
    this.expression = expression.trim();
    try {
      checkForm(this.expression);
      CronLine.of(this.expression, 'UTC');
    } catch (cause) {
      const why = wrongField(this.expression) ?? messageOf(cause).replace(/^CronPattern: /, '');
      throw new CronScheduleError(
        `Schedule: cron ${showValue(expression)} is not allowed: ${oneLine(why)}; ` +
          `it must be a crontab expression of five fields such as '30 6 * * mon-fri', or one like '@daily'`,
        { cause },
      );
    }
    this.#isOfEveryHour = matchesEveryHour(this.expression);
  }

  newest(from: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    const clock = this.#clock(local);
    for (let before = clock.latest(to) + 1, looks = 0; looks < DAYS_IN_VAIN;) {
      const time = clock.line.previous(before);
      if (time === undefined || clock.instantOf(time) < from) {
        return null;
      }
      const day = clock.dayOf(time);
      if (!days.passes(day)) {
        looks++;
        before = Math.min(clock.startOf(day), time);
      } else if (clock.instantOf(time) <= to) {
        return { instant: clock.instantOf(time), time: null };
      } else {
        before = time;
      }
    }
    return null;
  }

  oldest(after: number, to: number, local: LocalTime, days: DayFilter): Slot | null {
    const clock = this.#clock(local);
    for (let past = clock.earliest(after), looks = 0; looks < DAYS_IN_VAIN;) {
      const time = clock.line.next(past);
      if (time === undefined || clock.instantOf(time) > to) {
        return null;
      }
      const day = clock.dayOf(time);
      if (!days.passes(day)) {
        looks++;
        past = Math.max(clock.startOf(day + 1) - 1, time);
      } else if (clock.instantOf(time) > after) {
        return { instant: clock.instantOf(time), time: null };
      } else {
        past = time;
      }
    }
    return null;
  }

  #clock(local: LocalTime): SlotClock {
    return this.#isOfEveryHour ? realTime(this.expression, local) : wallClock(this.expression, local);
  }
}

/** What the times of an expression are, and how they and instants lie to one another; later times never lie earlier. */
interface SlotClock {
  readonly line: CronLine;
  instantOf(time: number): number;
  dayOf(time: number): number;
  startOf(day: number): number;
  /** No time up to this instant is later. */
  latest(instant: number): number;
  /** No time after this instant is earlier. */
  earliest(instant: number): number;
}

function realTime(expression: string, local: LocalTime): SlotClock {
  return {
    line: CronLine.of(expression, local.timeZone),
    instantOf: time => time,
    dayOf: time => local.dayAt(time),
    startOf: day => local.startOf(day),
    latest: instant => instant,
    earliest: instant => instant,
  };
}

/** The line is asked in UTC, which stands for a wall clock that nobody moves. */
function wallClock(expression: string, local: LocalTime): SlotClock {
  return {
    line: CronLine.of(expression, 'UTC'),
    instantOf: time => local.instantOf(time),
    dayOf: time => Math.floor(time / DAY),
    startOf: day => day * DAY,
    // After the clocks were set back there have been times later than the present one.
    latest: instant => Math.max(local.at(instant), local.at(instant - DAY) + DAY),
    earliest: instant => local.at(instant),
  };
}
