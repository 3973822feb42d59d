import { clockTime, LocalTime } from '../schedule/LocalTime.ts';
import type { LockHolder } from './LockHolder.ts';

/** Why a job is locked, on the wall clock of a zone: 'locked by web-1, pid 42, since 17:08:06, until 17:13:06 … unless renewed'. */
export function describeHolder(holder: LockHolder | null, timeZone: string): string {
  if (holder === null) {
    return 'locked by another process';
  }
  const local = LocalTime.of(timeZone);
  const at = (instant: Date) => clockTime(Math.floor(instant.getTime() / 1000) * 1000, Date.now(), local);
  const end = holder.until
    ? `, until ${at(holder.until)} ${timeZone} unless renewed`
    : ` ${timeZone}, until its process ends`;
  return `locked by ${holder.host}, pid ${holder.pid}, since ${at(holder.since)}${end}`;
}
