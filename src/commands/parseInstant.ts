import { CronError } from '../errors.ts';
import { LocalTime } from '../schedule/LocalTime.ts';
import { isDuration, parseDuration } from './parseDuration.ts';

const LOCAL = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?$/;
const ABSOLUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * The instant that a person means: so long ago ('2h', '1d12h'), on the wall clock of a zone ('2026-03-01',
 * '2026-03-01 06:30'), or ISO 8601 with an offset.
 *
 * @param name of the option, for the error
 * @throws CronError when it is none of them.
 */
export function parseInstant(text: string, name: string, now: Date, timeZone: string): Date {
  const millis = isDuration(text)
    ? now.getTime() - parseDuration(text, name)
    : LOCAL.test(text)
      ? localInstant(text.replace(' ', 'T'), timeZone)
      : ABSOLUTE.test(text) && isDate(text.slice(0, 10))
        ? Date.parse(text)
        : NaN;
  // No run is older than 1970, and not every database has dates far before it.
  if (!(millis >= 0)) {
    throw new CronError(
      `--${name}: '${text}' is not allowed; it must be so long ago (30m, 2h, 7d), a local time in ${timeZone} ` +
        `(2026-03-01, '2026-03-01 06:30') or an instant (2026-03-01T06:30:00Z)`,
    );
  }
  return new Date(millis);
}

function localInstant(text: string, timeZone: string): number {
  const millis = Date.parse(text.includes('T') ? `${text}Z` : `${text}T00:00Z`);
  return Number.isNaN(millis) || !isDate(text.slice(0, 10)) ? NaN : LocalTime.of(timeZone).instantOf(millis);
}

/** Date.parse() would take 31 February for 3 March. */
function isDate(text: string): boolean {
  const millis = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(text);
}
