import type { Clock } from '../util/clock.ts';

/** A clock that stands still until it is set: for the setting `clock` in tests. */
export class SettableClock implements Clock {
  #now: Date;

  /** @param start an instant, or its ISO text */
  constructor(start: Date | string) {
    this.#now = instant(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Sets the clock, back as well as forward. */
  set(to: Date | string): void {
    this.#now = instant(to);
  }

  /** Moves the clock on by so many seconds. */
  advance(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1_000);
  }
}

function instant(value: Date | string): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(`SettableClock: ${JSON.stringify(value)} is not an instant; write '2026-03-29T01:00:00Z'`);
  }
  return date;
}
