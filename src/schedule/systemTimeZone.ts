import { CronError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import { isTimeZone } from './LocalTime.ts';

const WAY_OUT = "set TZ to an IANA time zone such as 'Europe/Prague', or set timeZone in cron()";

/**
 * The zone of this process, by its IANA name: what `TZ` names, else the machine's. An empty `TZ` means UTC.
 *
 * @throws CronError when it has no such name: Node takes an unknown or POSIX `TZ` ('CET-1CEST') for UTC, or for nothing.
 */
export function systemTimeZone(): string {
  const given = process.env['TZ'];
  if (given === '') {
    return 'UTC';
  }
  if (given === undefined) {
    const zone: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone === undefined || zone === 'Etc/Unknown') {
      throw new CronError(`TZ is not set, and this machine's time zone has no name; ${WAY_OUT}`);
    }
    return zone;
  }
  // As libc reads it: a colon before a name, or the path of a file.
  const name = given.replace(/^:/, '').replace(/^.*\/zoneinfo\//, '');
  if (!/^[a-z]/i.test(name) || !isTimeZone(name)) {
    throw new CronError(`TZ: ${showValue(given)} is not the name of a time zone; ${WAY_OUT}`);
  }
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
}

/** The zone a schedule goes by: its own, else the host's, else the system's. */
export function zoneOf(schedule: { readonly timeZone: string | undefined }, timeZone: string | undefined): string {
  return schedule.timeZone ?? timeZone ?? systemTimeZone();
}
