import type { ScheduleOptions } from '../../src/index.ts';
import type { Tick } from '../../src/testing/index.ts';
import { wallClock } from '../helpers/wallClock.ts';
import { DAY, MINUTE } from './arbitraries.ts';

/** A slot as the oracle knows it. */
export interface OracleSlot {
  readonly instant: number;
  readonly time: string;
  /** When its local day ends. */
  readonly dayEnd: number;
}

const HOUR = 60 * MINUTE;

const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function passes(day: number, { runWeeklyOnDays, runMonthlyOnDays }: ScheduleOptions): boolean {
  const date = new Date(day);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const isWeekday = !runWeeklyOnDays || runWeeklyOnDays.some(name => name === NAMES[date.getUTCDay()]);
  const fromEnd = date.getUTCDate() - length - 1;
  return isWeekday && (!runMonthlyOnDays || runMonthlyOnDays.some(d => d === date.getUTCDate() || d === fromEnd));
}

/** Whether a day is excluded, and by how many days a slot on it moves: 0 stays, `null` is dropped. */
function moves(day: number, { except = [], onExcluded }: ScheduleOptions): number | null {
  const isExcluded = (at: number) => {
    const date = new Date(at).toISOString().slice(0, 10);
    return [except].flat().some(item => {
      if (typeof item === 'function') {
        return item(date);
      }
      const [from = '', to = from] = item.split('/');
      return date >= from && date <= to;
    });
  };
  for (let by = 0; by <= 366; by++) {
    if (!isExcluded(day + by * DAY)) {
      return by === 0 || onExcluded === 'next' ? by : null;
    }
  }
  return null;
}

/**
 * The slots of run-at times in a stretch, found by walking through it minute by minute: a slot comes at the first minute
 * at which the wall clock shows its time or a later one.
 */
export function slotsOf(
  options: ScheduleOptions & { runAtTimes: readonly string[] },
  timeZone: string,
  from: number,
  to: number,
): OracleSlot[] {
  const times = options.runAtTimes.map(text => text.padStart(5, '0')).sort();
  const begin = from - 12 * DAY;
  const latest: number[] = [];
  let highest = -Infinity;
  for (let hour = begin; hour <= to + 3 * DAY; hour += HOUR) {
    const shown = wallClock(hour, timeZone);
    // Asking `Intl` is what takes the time: in an hour after which the clock shows an hour more, nobody moved it.
    const isPlain = wallClock(hour + HOUR, timeZone) === shown + HOUR;
    for (let minute = 0; minute < HOUR; minute += MINUTE) {
      highest = Math.max(highest, isPlain ? shown + minute : wallClock(hour + minute, timeZone));
      latest.push(highest);
    }
  }
  const firstAt = (wall: number) => {
    let [low, high] = [0, latest.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((latest[middle] ?? 0) >= wall) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return begin + low * MINUTE;
  };
  const slots = new Map<number, OracleSlot>();
  const firstDay = Math.floor((latest[0] ?? 0) / DAY) + 1;
  const lastDay = Math.floor(highest / DAY) - 1;
  for (let day = firstDay; day <= lastDay; day++) {
    const by = passes(day * DAY, options) ? moves(day * DAY, options) : null;
    const to = day + (by ?? 0);
    for (const time of by === null ? [] : times) {
      const instant = firstAt(to * DAY + Number(time.slice(0, 2)) * 60 * MINUTE + Number(time.slice(3)) * MINUTE);
      const named = slots.get(instant);
      if (!named || time < named.time) {
        slots.set(instant, { instant, time, dayEnd: firstAt((to + 1) * DAY) });
      }
    }
  }
  return [...slots.values()].sort((a, b) => a.instant - b.instant);
}

/** Whether a slot may still start. */
export function isStartable(slot: OracleSlot, now: number, { startingDeadlineMins }: ScheduleOptions): boolean {
  if (startingDeadlineMins !== undefined) {
    return now <= slot.instant + startingDeadlineMins * MINUTE;
  }
  return now < slot.dayEnd || now <= slot.instant + 60 * MINUTE;
}

/** Plays run-at times by the letter of the rules, remembering every run; gives what each tick serves. */
export function playTimes(
  options: ScheduleOptions & { runAtTimes: readonly string[] },
  timeZone: string,
  ticks: readonly Tick[],
): ({ instant: number; time: string } | null)[] {
  const first = ticks[0]!.at.getTime();
  const slots = slotsOf(options, timeZone, first - 4 * DAY, ticks.at(-1)!.at.getTime());
  const settled = new Set<OracleSlot>();
  let gate = -Infinity;
  return ticks.map(({ at, outcome }) => {
    const now = at.getTime();
    if (now < gate) {
      return null;
    }
    const waiting = slots.filter(slot => slot.instant <= now && !settled.has(slot) && isStartable(slot, now, options));
    const slot = options.missedRuns === 'each' ? waiting[0] : waiting.at(-1);
    if (!slot) {
      return null;
    }
    if (outcome === 'failure') {
      const wait = (options.retryAfterFailureMins ?? 0) * MINUTE - (options.runToleranceSeconds ?? 0) * 1_000;
      gate = options.retryAfterFailureMins ? now + wait : -Infinity;
    } else {
      gate = -Infinity;
      // What is older than a slot that was served has been dropped, or was served before.
      for (const older of slots.filter(({ instant }) => instant <= slot.instant)) {
        settled.add(older);
      }
    }
    return { instant: slot.instant, time: slot.time };
  });
}
