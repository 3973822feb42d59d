import { CronError } from '../errors.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** A hundred years: databases cannot reckon with any span. */
const MOST = 36_500 * 86_400_000;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;

/** Whether a text is a duration as {@link parseDuration} takes it. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

/**
 * Milliseconds of '90s', '1h30m', '2d'.
 *
 * @param name of the option, for the error
 * @throws CronError when it is no duration.
 */
export function parseDuration(text: string, name: string): number {
  const millis = isDuration(text)
    ? [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!,
        0,
      )
    : NaN;
  if (!(millis <= MOST)) {
    throw new CronError(
      `--${name}: '${text}' is not allowed; it must be a duration such as 500ms, 90s, 5m, 1h30m, 2d or 1w`,
    );
  }
  return millis;
}
