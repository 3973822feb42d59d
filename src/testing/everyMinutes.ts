import type { Tick } from './simulate.ts';

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
