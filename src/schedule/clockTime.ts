import { DAY, type LocalTime } from './LocalTime.ts';

/** 'HH:MM' on the wall clock, with seconds where they count, and with the date where it is not today's. */
export function clockTime(instant: number, now: number, local: LocalTime): string {
  const shown = new Date(local.at(instant)).toISOString();
  const time = shown.slice(11, instant % 60_000 === 0 ? 16 : 19);
  return Math.floor(local.at(instant) / DAY) === local.dayAt(now) ? time : `${shown.slice(0, 10)} ${time}`;
}
