import { CronError } from '../../errors.ts';
import { DAY, LocalTime } from '../../schedule/LocalTime.ts';
import { isDuration, parseDuration, parseInstant } from '../../schedule/parseInstant.ts';

/** Until when, as it was typed. */
export interface Until {
  /** A duration. */
  readonly for?: string | undefined;
  /** An instant. */
  readonly until?: string | undefined;
}

/**
 * The instant that `--for 2h`, `--until 14:00` or `--until '2026-03-01 06:30'` means; `undefined` when neither is given. A
 * time without a date is the next one on the wall clock of the zone.
 *
 * @throws CronError when it is no instant of the future.
 */
export function futureInstant({ for: duration, until }: Until, now: Date, timeZone: string): Date | undefined {
  if (duration !== undefined) {
    return new Date(now.getTime() + parseDuration(duration, '--for'));
  }
  if (until === undefined) {
    return undefined;
  }
  if (isDuration(until)) {
    throw new CronError(`--until: '${until}' is not allowed; for a duration use --for ${until}`);
  }
  const instant = nextTime(until, now, timeZone) ?? parseInstant(until, '--until', now, timeZone);
  if (instant <= now) {
    throw new CronError(`--until: '${until}' is not allowed; it must be in the future`);
  }
  return instant;
}

function nextTime(text: string, now: Date, timeZone: string): Date | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) {
    return undefined;
  }
  const local = LocalTime.of(timeZone);
  const at = (day: number) => local.instantOf(day * DAY + (Number(hours) * 60 + Number(minutes)) * 60_000);
  const today = local.dayAt(now.getTime());
  return new Date(at(today) > now.getTime() ? at(today) : at(today + 1));
}
