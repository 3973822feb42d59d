import { CronJobError } from '../errors.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import { isSeconds, SECONDS_ALLOWED, showValue } from '../util/rules.ts';
import type { CronJobBase } from './CronJobBase.ts';

interface Rule {
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
}

const seconds: Rule = { allowed: SECONDS_ALLOWED, isAllowed: isSeconds };

const trueOrFalse: Rule = { allowed: 'true or false', isAllowed: value => typeof value === 'boolean' };

const rules = {
  tags: {
    allowed: "an array of words without blanks, as in ['billing', 'nightly']",
    isAllowed: value => Array.isArray(value) && value.every(tag => typeof tag === 'string' && /^\S+$/.test(tag)),
  },
  timeoutSeconds: seconds,
  lockTimeSeconds: seconds,
  allowParallelRuns: trueOrFalse,
  removeSuccessfulLogs: trueOrFalse,
  captureConsole: trueOrFalse,
  minNumFailures: {
    allowed: 'a whole number from 1',
    isAllowed: value => Number.isInteger(value) && (value as number) >= 1,
  },
  isolation: { allowed: "'none' or 'process'", isAllowed: value => value === 'none' || value === 'process' },
  pings: {
    allowed: "an object of http(s) URLs, as in { success: 'https://hc-ping.com/…' }",
    isAllowed: value =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).every(([key, url]) => ['start', 'success', 'failure'].includes(key) && isHttpUrl(url)),
  },
} satisfies Partial<Record<keyof CronJobBase, Rule>>;

/**
 * Checks a job that was built.
 *
 * @param name of the job and where it came from, for the message
 * @throws CronJobError naming the member, its value and what is allowed.
 */
export function checkJob(job: CronJobBase, name: string): void {
  const code: unknown = job.code;
  // A control character would tear the lines of logs and mails apart, and half a surrogate pair is no text to databases.
  if (typeof code !== 'string' || code.trim() === '' || [...code].length > 64 || /[\p{Cc}\p{Cs}]/u.test(code)) {
    const shown = code === undefined ? 'is missing' : `${JSON.stringify(code)} is not allowed`;
    const abstract =
      code === undefined ? '. Is it the base of other jobs? Then do not export it where jobs are found' : '';
    throw new CronJobError(
      `${name}: its code ${shown}; a code is a string of 1 to 64 characters without line breaks, such as 'my_app.my_job'${abstract}`,
    );
  }
  if (!isSchedule(job.schedule)) {
    const shown = job.schedule === undefined ? 'is missing' : `${showValue(job.schedule)} is no Schedule`;
    throw new CronJobError(
      `${name}: its schedule ${shown}; write readonly schedule = new Schedule({ runEveryMins: 60 })`,
      { jobCode: code },
    );
  }
  for (const [key, { allowed, isAllowed }] of Object.entries(rules) as [keyof typeof rules, Rule][]) {
    if (job[key] !== undefined && !isAllowed(job[key])) {
      throw new CronJobError(`${name}: its ${key} ${showValue(job[key])} is not allowed; it must be ${allowed}`, {
        jobCode: code,
      });
    }
  }
  if (typeof job.do !== 'function') {
    throw new CronJobError(`${name}: it has no method do(context)`, { jobCode: code });
  }
}

/** Also when it comes from another copy of this package. */
function isSchedule(value: Partial<Schedule> | null | undefined): boolean {
  return typeof value?.describe === 'function' && Array.isArray(value.slotSources);
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
