import { CronSettingsError } from '../errors.ts';
import { buildJob } from '../job/buildJob.ts';
import type { AtomicCache } from '../lock/AtomicCache.ts';
import { databaseLock } from '../lock/databaseLock.ts';
import { readMail, readNotifiers } from '../notify/checkMail.ts';
import { systemTimeZone } from '../schedule/systemTimeZone.ts';
import type { Clock } from '../util/clock.ts';
import { DEFAULT_LIMIT_SECONDS } from '../util/limits.ts';
import { membersOf, readOptions } from '../util/options.ts';
import { showValue } from '../util/rules.ts';
import { describeBy, describeError } from '../util/thrown.ts';
import type { CronSettings, ResolvedSettings } from './CronSettings.ts';
import { settingRules } from './settingRules.ts';

/**
 * Checks the settings and puts the defaults in place.
 *
 * @throws CronSettingsError naming the setting, the value and what is allowed.
 */
export function resolveSettings(given: CronSettings): ResolvedSettings {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new CronSettingsError(`cron(): ${showValue(given)} is not a settings object; write cron({ jobs: [MyJob] })`);
  }
  const settings = readOptions<CronSettings>(given, settingRules, {
    about: key => `cron({ ${key} }):`,
    unknown: key => `cron({ ${key} }): there is no such setting`,
    error: message => new CronSettingsError(message),
  });
  const jobs = [...settings.jobs];
  const resolved: ResolvedSettings = {
    jobs,
    jobsTs: settings.jobsTs ? [...settings.jobsTs] : jobs,
    timeZone: settings.timeZone ?? systemTimeZone(),
    lock: settings.lock ?? databaseLock(),
    caches: cachesOf(settings.caches),
    cacheName: settings.cacheName ?? 'default',
    lockFilePath: settings.lockFilePath,
    lockTimeSeconds: settings.lockTimeSeconds ?? 300,
    deleteLogsOlderThanDays: settings.deleteLogsOlderThanDays,
    removeSuccessfulLogs: settings.removeSuccessfulLogs ?? false,
    captureConsole: settings.captureConsole ?? false,
    logErrors: settings.logErrors ?? false,
    describeError: settings.describeError ? describeBy(settings.describeError) : describeError,
    concurrency: settings.concurrency ?? 1,
    timeoutSeconds: settings.timeoutSeconds,
    connectTimeoutSeconds: settings.connectTimeoutSeconds ?? DEFAULT_LIMIT_SECONDS,
    shutdownGraceSeconds: settings.shutdownGraceSeconds ?? 30,
    mail: settings.mail === undefined ? undefined : readMail(settings.mail),
    notifiers: settings.notifiers === undefined ? [] : readNotifiers(settings.notifiers),
    clock: settings.clock && checkedClock(settings.clock),
    createJob: settings.createJob ?? buildJob,
    onJobStart: settings.onJobStart,
    onJobSuccess: settings.onJobSuccess,
    onJobFailure: settings.onJobFailure,
    onOperatorAction: settings.onOperatorAction,
    onTickEnd: settings.onTickEnd,
  };
  if (typeof resolved.lock === 'object') {
    resolved.lock.check?.(resolved);
  }
  return resolved;
}

/** Without a prototype: a cache called `constructor` is there only when the host gives one. */
function cachesOf(given: CronSettings['caches'] = {}): Record<string, AtomicCache> {
  const caches: Record<string, AtomicCache> = Object.create(null) as Record<string, AtomicCache>;
  for (const name of membersOf(given)) {
    caches[name] = given[name]!;
  }
  return caches;
}

/** An invalid time would look like a database error. */
function checkedClock(clock: Clock): Clock {
  return {
    now: () => {
      const now: unknown = clock.now();
      if (!(now instanceof Date) || Number.isNaN(now.getTime())) {
        const shown = now instanceof Date ? 'an invalid Date' : showValue(now);
        throw new CronSettingsError(`cron({ clock }): its now() returned ${shown}; it must return a valid Date`);
      }
      return now;
    },
  };
}
