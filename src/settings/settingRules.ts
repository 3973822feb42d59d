import { isJob, isJobClass } from '../job/CronJobBase.ts';
import type { AtomicCache } from '../lock/AtomicCache.ts';
import type { LockBackend } from '../lock/LockProvider.ts';
import { isTimeZone } from '../schedule/LocalTime.ts';
import type { Clock } from '../util/clock.ts';
import { DAYS_ALLOWED, isDays, isSeconds, SECONDS_ALLOWED } from '../util/rules.ts';
import type { CronSettings } from './CronSettings.ts';

/** What a setting may be, in words and as a test. */
export interface SettingRule {
  readonly allowed: string;
  readonly isAllowed: (value: never) => boolean;
}

const seconds: SettingRule = { allowed: SECONDS_ALLOWED, isAllowed: isSeconds };

const jobList: SettingRule = {
  allowed: 'an array of job classes, jobs made by defineCronJob(), and globs',
  isAllowed: (value: unknown) =>
    Array.isArray(value) &&
    value.every(source => isJobClass(source) || isJob(source) || (typeof source === 'string' && source !== '')),
};

const trueOrFalse: SettingRule = {
  allowed: 'true or false',
  isAllowed: (value: unknown) => typeof value === 'boolean',
};

const text: SettingRule = {
  allowed: 'a text that is not empty',
  isAllowed: (value: unknown) => typeof value === 'string' && value !== '',
};

const callable: SettingRule = { allowed: 'a function', isAllowed: (value: unknown) => typeof value === 'function' };

/** Looked at after the others, with messages of its own that show no secret. */
const checkedApart: SettingRule = { allowed: '', isAllowed: () => true };

/** The rule of every setting. */
export const settingRules: Record<keyof CronSettings, SettingRule> = {
  jobs: jobList,
  jobsTs: jobList,
  timeZone: {
    allowed: "an IANA time zone such as 'Europe/Prague'",
    isAllowed: (value: unknown) => typeof value === 'string' && isTimeZone(value),
  },
  lock: {
    allowed: 'databaseLock(), cacheLock(), fileLock() or a function (job, orm) => JobLock',
    isAllowed: (value: Partial<LockBackend> | null) =>
      typeof value === 'function' || (typeof value === 'object' && typeof value?.open === 'function'),
  },
  caches: {
    allowed: 'an object of caches by name, as in { default: redisCache(client) }',
    isAllowed: (value: unknown) =>
      typeof value === 'object' && value !== null && Object.values(value).every(cache => isAtomicCache(cache)),
  },
  cacheName: text,
  lockFilePath: text,
  lockTimeSeconds: seconds,
  deleteLogsOlderThanDays: {
    allowed: DAYS_ALLOWED,
    isAllowed: isDays,
  },
  removeSuccessfulLogs: trueOrFalse,
  captureConsole: trueOrFalse,
  logErrors: trueOrFalse,
  concurrency: {
    allowed: 'a whole number from 1',
    isAllowed: (value: unknown) => Number.isInteger(value) && (value as number) >= 1,
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
    isAllowed: (value: Partial<Clock> | null) => typeof value === 'object' && typeof value?.now === 'function',
  },
  createJob: callable,
  onJobStart: callable,
  onJobSuccess: callable,
  onJobFailure: callable,
  onTickEnd: callable,
};

function isAtomicCache(value: unknown): value is AtomicCache {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['add', 'extend', 'remove', 'get', 'now'].every(
      name => typeof (value as Record<string, unknown>)[name] === 'function',
    )
  );
}
