import type { Schedule } from './Schedule.ts';
import type { ScheduleHistory } from './ScheduleHistory.ts';

/**
 * How long after a slot the job starts, in milliseconds: a fixed part of `spreadMins`, in whole seconds, told by the job's
 * code, so that it is the same on every host and at every tick.
 */
export function spreadMillis(
  { spreadMins = 0 }: Partial<Pick<Schedule, 'spreadMins'>>,
  { code }: Pick<ScheduleHistory, 'code'>,
): number {
  return spreadMins === 0 || code === undefined ? 0 : Math.floor(partOf(code) * spreadMins * 60) * 1_000;
}

/** A number from 0 to below 1, told by a text: FNV-1a with the last step of MurmurHash3, so that codes alike differ. */
function partOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
