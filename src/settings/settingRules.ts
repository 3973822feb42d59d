import { isJob, isJobClass } from '../job/CronJobBase.ts';
import { isJobContainerSource } from '../job/JobContainer.ts';
import { isAtomicCache } from '../lock/AtomicCache.ts';
import type { LockBackend } from '../lock/LockProvider.ts';
import { isTimeZone } from '../schedule/LocalTime.ts';
import type { Clock } from '../util/clock.ts';
import { isListOf, membersOf, type OptionRule } from '../util/options.ts';
import {
  COUNT_ALLOWED,
  DAYS_ALLOWED,
  isCount,
  isDays,
  isLease,
  isSeconds,
  LEASE_ALLOWED,
  SECONDS_ALLOWED,
} from '../util/rules.ts';
import type { CronSettings } from './CronSettings.ts';

const seconds: OptionRule = { allowed: SECONDS_ALLOWED, isAllowed: isSeconds };

const jobList: OptionRule = {
  allowed: 'an array of job classes, jobs made by defineCronJob(), and globs',
  isAllowed: (value: unknown) =>
    isListOf(
      value,
      source =>
        isJobClass(source) ||
        isJob(source) ||
        isJobContainerSource(source) ||
        (typeof source === 'string' && source !== ''),
    ),
};

const trueOrFalse: OptionRule = {
  allowed: 'true or false',
  isAllowed: (value: unknown) => typeof value === 'boolean',
};

const text: OptionRule = {
  allowed: 'a text that is not empty, on one line',
  isAllowed: (value: unknown) => typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value),
};

const callable: OptionRule = { allowed: 'a function', isAllowed: (value: unknown) => typeof value === 'function' };

/** Looked at after the others, with messages of its own that show no secret. */
const checkedApart: OptionRule = { allowed: '', isAllowed: () => true };

/** The rule of every setting. */
export const settingRules: Record<keyof CronSettings, OptionRule> = {
  jobs: { ...jobList, isRequired: true },
  jobsTs: jobList,
  timeZone: {
    allowed: "an IANA time zone such as 'Europe/Prague'",
    isAllowed: (value: unknown) => typeof value === 'string' && isTimeZone(value),
  },
  lock: {
    allowed: 'databaseLock(), cacheLock(), fileLock() or a function (job, orm) => JobLock',
    isAllowed: (value: unknown) =>
      typeof value === 'function' || typeof (value as Partial<LockBackend> | null)?.open === 'function',
  },
  caches: {
    allowed: 'an object of caches by name, as in { default: redisCache(client) }',
    isAllowed: (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      membersOf(value).every(name => isAtomicCache((value as Record<string, unknown>)[name])),
  },
  cacheName: text,
  lockFilePath: text,
  lockTimeSeconds: { allowed: LEASE_ALLOWED, isAllowed: isLease },
  deleteLogsOlderThanDays: {
    allowed: DAYS_ALLOWED,
    isAllowed: isDays,
  },
  removeSuccessfulLogs: trueOrFalse,
  captureConsole: trueOrFalse,
  logErrors: trueOrFalse,
  describeError: callable,
  concurrency: {
    allowed: COUNT_ALLOWED,
    isAllowed: isCount,
  },
  timeoutSeconds: seconds,
  connectTimeoutSeconds: seconds,
  shutdownGraceSeconds: {
    allowed: `0 or ${SECONDS_ALLOWED}`,
    isAllowed: (value: unknown) => value === 0 || isSeconds(value),
  },
  mail: checkedApart,
  notifiers: checkedApart,
  clock: {
    allowed: 'an object with a method now(): Date',
    isAllowed: (value: unknown) =>
      typeof value === 'object' && value !== null && typeof (value as Partial<Clock>).now === 'function',
  },
  createJob: callable,
  onJobStart: callable,
  onJobSuccess: callable,
  onJobFailure: callable,
  onOperatorAction: callable,
  onTickEnd: callable,
};
