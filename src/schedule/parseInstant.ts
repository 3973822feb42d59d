import { CronError } from '../errors.ts';
import { LocalTime } from './LocalTime.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A hundred years: databases cannot reckon with any span. */
const MOST = 36_500 * 86_400_000;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;

const LOCAL = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?$/;

const ABSOLUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * The instant that a person means: so long ago ('2h', '1d12h'), on the wall clock of a zone ('2026-03-01',
 * '2026-03-01 06:30'), or ISO 8601 with an offset.
 *
 * @param option as the error names it: '--since'
 * @throws CronError when it is none of them.
 */
export function parseInstant(text: string, option: string, now: Date, timeZone: string): Date {
  const millis = isDuration(text)
    ? now.getTime() - parseDuration(text, option)
    : LOCAL.test(text)
      ? localInstant(text.replace(' ', 'T'), timeZone)
      : ABSOLUTE.test(text) && isDate(text.slice(0, 10))
        ? Date.parse(text)
        : NaN;
  // No run is older than 1970, and not every database has dates far before it.
  if (!(millis >= 0)) {
    throw new CronError(
      `${option}: '${text}' is not allowed; it must be so long ago (30m, 2h, 7d), a local time in ${timeZone} ` +
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

/** Whether a text is a duration as {@link parseDuration} takes it. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

/**
 * Milliseconds of '90s', '1h30m', '2d'.
 *
 * @param option as the error names it: '--since'
 * @throws CronError when it is not a duration.
 */
export function parseDuration(text: string, option: string): number {
  const millis = isDuration(text)
    ? [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!,
        0,
      )
    : NaN;
  if (!(millis <= MOST)) {
    throw new CronError(
      `${option}: '${text}' is not allowed; it must be a duration such as 500ms, 90s, 5m, 1h30m, 2d or 1w`,
    );
  }
  return millis;
}
