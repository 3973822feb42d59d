import { CronJobError } from '../errors.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import { isHttpUrl } from '../util/httpUrl.ts';
import { isListOf, membersOf, type OptionRule } from '../util/options.ts';
import {
  COUNT_ALLOWED,
  isCount,
  isLease,
  isSeconds,
  LEASE_ALLOWED,
  SECONDS_ALLOWED,
  showSecret,
  showValue,
} from '../util/rules.ts';
import type { CronJobBase } from './CronJobBase.ts';
import { isArgumentsSchema } from './jobArguments.ts';

const seconds: OptionRule = { allowed: SECONDS_ALLOWED, isAllowed: isSeconds };

const trueOrFalse: OptionRule = { allowed: 'true or false', isAllowed: value => typeof value === 'boolean' };

const jobRules = {
  tags: {
    allowed: "an array of words without blanks, as in ['billing', 'nightly']",
    isAllowed: value => isListOf(value, tag => typeof tag === 'string' && /^[^\s\p{Cc}]+$/u.test(tag)),
  },
  timeoutSeconds: seconds,
  lockTimeSeconds: { allowed: LEASE_ALLOWED, isAllowed: isLease },
  allowParallelRuns: trueOrFalse,
  removeSuccessfulLogs: trueOrFalse,
  captureConsole: trueOrFalse,
  minNumFailures: {
    allowed: COUNT_ALLOWED,
    isAllowed: isCount,
  },
  isolation: { allowed: "'none' or 'process'", isAllowed: value => value === 'none' || value === 'process' },
  pings: {
    allowed: "an object of http(s) URLs, as in { success: 'https://hc-ping.com/…' }",
    isAllowed: isPings,
    isSecret: true,
  },
  args: {
    allowed: 'a schema of zod (from 3.24), valibot (from 1.0), arktype or another library that speaks Standard Schema',
    isAllowed: isArgumentsSchema,
  },
} satisfies Partial<Record<keyof CronJobBase, OptionRule>>;

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
    const shown = code === undefined ? 'is missing' : `${showValue(code)} is not allowed`;
    const abstract =
      code === undefined ? '. Is it the base of other jobs? Then do not export it where jobs are found' : '';
    throw new CronJobError(
      `${name}: its code ${shown}; a code is a string of 1 to 64 characters without line breaks, such as 'my_app.my_job'${abstract}`,
    );
  }
  if (!isSchedule(job.schedule)) {
    const shown = job.schedule === undefined ? 'is missing' : `${showValue(job.schedule)} is not a Schedule`;
    throw new CronJobError(
      `${name}: its schedule ${shown}; write readonly schedule = new Schedule({ runEveryMins: 60 })`,
      { jobCode: code },
    );
  }
  for (const [key, { allowed, isAllowed, isSecret }] of Object.entries(jobRules) as [
    keyof typeof jobRules,
    OptionRule,
  ][]) {
    const value: unknown = job[key];
    if (value !== undefined && !isAllowed(value)) {
      const shown = isSecret ? showSecret(value) : showValue(value);
      throw new CronJobError(`${name}: its ${key} ${shown} is not allowed; it must be ${allowed}`, { jobCode: code });
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

function isPings(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    membersOf(value).every(moment => {
      const url = (value as Record<string, unknown>)[moment];
      return ['start', 'success', 'failure'].includes(moment) && (url === undefined || isHttpUrl(url));
    })
  );
}
