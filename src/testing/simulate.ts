import { isDue } from '../schedule/isDue.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import { historyOf, NO_HISTORY, type PastRun, type ScheduleHistory } from '../schedule/ScheduleHistory.ts';

/** A moment at which the runner looks whether the job is due. */
export interface Tick {
  readonly at: Date;
  /** How the run ends if the job is due. @default 'success' */
  readonly outcome?: 'success' | 'failure';
  /** How long such a run takes; ticks that come meanwhile find the job's lock held. @default 0 */
  readonly durationSeconds?: number;
}

/** The outcome of one simulated tick. */
export interface SimulatedTick {
  readonly at: Date;
  readonly due: boolean;
  /** The slot the run served; `null` when not due, or due by interval. */
  readonly scheduledFor: Date | null;
  /** 'HH:MM' of the run-at time served, else `null`. */
  readonly ranAtTime: string | null;
  /** The decision in words. */
  readonly reason: string;
}

/** Options of `simulate()`. */
export interface SimulationOptions {
  /** The host's zone, for a schedule without one of its own. @default the system's */
  readonly timeZone?: string;
  /** The job's code, by which `spreadMins` delays its starts. @default it does not */
  readonly code?: string;
  /** When the jobs of `runsAfter` succeeded: the ends of their successes, by code. @default they never did */
  readonly successEnds?: Readonly<Record<string, readonly Date[]>>;
}

/**
 * Plays a schedule over a stretch of time, without a database: decides at every tick as the runner would, and lets each
 * due tick's run join the history of the next. A tick that comes while a run is still going does not run, as the job's
 * lock is held.
 *
 * @param ticks in the order in which they come, see `everyMinutes()`
 * @returns one answer a tick
 * @example
 * ```ts
 * const ticks = everyMinutes(new Date('2026-10-24T22:00:00Z'), new Date('2026-10-25T03:00:00Z'), 5);
 * const runs = simulate(new Schedule({ runAtTimes: ['02:30'] }), ticks, { timeZone: 'Europe/Prague' })
 *   .filter(({ due }) => due);
 * // one run, at 00:30Z: the first of the two 02:30 of that night
 * ```
 */
export function simulate(schedule: Schedule, ticks: readonly Tick[], options: SimulationOptions = {}): SimulatedTick[] {
  const runs: PastRun[] = [];
  // While the clock only moves on, the newest summary is the whole past; only a clock set back needs the runs again.
  let newest = { start: -Infinity, history: NO_HISTORY };
  let running: { from: Date; until: number } | undefined;
  return ticks.map(({ at, outcome = 'success', durationSeconds = 0 }) => {
    if (running && at >= running.from && at.getTime() < running.until) {
      const reason = `still running since ${running.from.toISOString()}`;
      return { at, due: false, scheduledFor: null, ranAtTime: null, reason };
    }
    const history = at.getTime() >= newest.start ? newest.history : historyOf(runs, at);
    const decision = isDue(schedule, { ...history, ...othersAt(at, options) }, at, options.timeZone);
    const { due, scheduledFor, ranAtTime } = decision;
    if (due) {
      runs.push({ startTime: at, isSuccess: outcome === 'success', scheduledFor });
      running = { from: at, until: at.getTime() + durationSeconds * 1_000 };
      const isSetBack = at.getTime() < newest.start;
      const start = Math.max(at.getTime(), newest.start);
      newest = {
        start,
        history: isSetBack ? historyOf(runs, new Date(start)) : withRun(history, runs.at(-1)!),
      };
    }
    return {
      at,
      due,
      scheduledFor,
      ranAtTime,
      // Takes longer than the decision: only for those who read it.
      get reason() {
        return decision.reason;
      },
    };
  });
}

/** The facts of a decision besides the job's own runs. */
function othersAt(
  at: Date,
  { code, successEnds = {} }: SimulationOptions,
): Pick<ScheduleHistory, 'code' | 'successEnds'> {
  const ends = Object.entries(successEnds).map(([other, dates]): [string, Date | null] => {
    const past = dates.filter(date => date <= at).map(Number);
    return [other, past.length === 0 ? null : new Date(Math.max(...past))];
  });
  return { ...(code === undefined ? {} : { code }), successEnds: new Map(ends) };
}

/** The past with one more run, which is the newest. */
function withRun(history: ScheduleHistory, run: PastRun): ScheduleHistory {
  const { startTime, isSuccess, scheduledFor } = run;
  return isSuccess
    ? { lastRun: run, lastSuccessStart: startTime, lastServedSlot: scheduledFor ?? history.lastServedSlot }
    : { ...history, lastRun: run };
}

/**
 * Ticks from one instant to another, both included, every so many minutes, as crontab makes them.
 *
 * @example
 * ```ts
 * everyMinutes(new Date('2026-03-29T00:00:00Z'), new Date('2026-03-29T04:00:00Z'), 5);
 * ```
 */
export function everyMinutes(from: Date, to: Date, minutes: number): Tick[] {
  if (!(minutes > 0)) {
    throw new RangeError(`everyMinutes: ${minutes} minutes are not allowed; it must be a number above 0`);
  }
  const ticks: Tick[] = [];
  for (let at = from.getTime(); at <= to.getTime(); at += minutes * 60_000) {
    ticks.push({ at: new Date(at) });
  }
  return ticks;
}
