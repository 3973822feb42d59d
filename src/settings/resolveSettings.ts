import { CronSettingsError } from '../errors.ts';
import { databaseLock } from '../lock/databaseLock.ts';
import { checkMail, checkNotifiers } from '../notify/checkMail.ts';
import type { Clock } from '../util/clock.ts';
import { DEFAULT_LIMIT_SECONDS } from '../util/limits.ts';
import { showValue } from '../util/rules.ts';
import type { CronSettings, ResolvedSettings } from './CronSettings.ts';
import { type SettingRule, settingRules } from './settingRules.ts';

/**
 * Checks the settings and puts the defaults in place.
 *
 * @throws CronSettingsError naming the setting, the value and what is allowed.
 */
export function resolveSettings(settings: CronSettings): ResolvedSettings {
  if (typeof settings !== 'object' || settings === null) {
    throw new CronSettingsError(`cron(): ${showValue(settings)} is no settings object; write cron({ jobs: [MyJob] })`);
  }
  for (const [key, value] of Object.entries(settings)) {
    const rule = (settingRules as Record<string, SettingRule | undefined>)[key];
    if (!rule) {
      const meant = Object.keys(settingRules).find(name => name.toLowerCase() === key.toLowerCase());
      const wayOut = meant ? `did you mean ${meant}?` : `there are ${Object.keys(settingRules).join(', ')}`;
      throw new CronSettingsError(`cron({ ${key} }): there is no such setting; ${wayOut}`);
    }
    if (value !== undefined && !rule.isAllowed(value as never)) {
      throw new CronSettingsError(`cron({ ${key} }): ${showValue(value)} is not allowed; it must be ${rule.allowed}`);
    }
  }
  if (settings.jobs === undefined) {
    throw new CronSettingsError(`cron({ jobs }): it is missing; it must be ${settingRules.jobs.allowed}`);
  }
  if (settings.mail !== undefined) {
    checkMail(settings.mail);
  }
  if (settings.notifiers !== undefined) {
    checkNotifiers(settings.notifiers);
  }
  const resolved: ResolvedSettings = {
    jobs: settings.jobs,
    jobsTs: settings.jobsTs ?? settings.jobs,
    timeZone: settings.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    lock: settings.lock ?? databaseLock(),
    caches: settings.caches ?? {},
    cacheName: settings.cacheName ?? 'default',
    lockFilePath: settings.lockFilePath,
    lockTimeSeconds: settings.lockTimeSeconds ?? 300,
    deleteLogsOlderThanDays: settings.deleteLogsOlderThanDays,
    removeSuccessfulLogs: settings.removeSuccessfulLogs ?? false,
    captureConsole: settings.captureConsole ?? false,
    logErrors: settings.logErrors ?? false,
    concurrency: settings.concurrency ?? 1,
    timeoutSeconds: settings.timeoutSeconds,
    connectTimeoutSeconds: settings.connectTimeoutSeconds ?? DEFAULT_LIMIT_SECONDS,
    shutdownGraceSeconds: settings.shutdownGraceSeconds ?? 30,
    mail: settings.mail,
    notifiers: settings.notifiers ?? [],
    clock: settings.clock && checkedClock(settings.clock),
    createJob: settings.createJob ?? (JobClass => new JobClass()),
    onJobStart: settings.onJobStart,
    onJobSuccess: settings.onJobSuccess,
    onJobFailure: settings.onJobFailure,
    onTickEnd: settings.onTickEnd,
  };
  if (typeof resolved.lock === 'object') {
    resolved.lock.check?.(resolved);
  }
  return resolved;
}

/** A clock that gives nonsense would be taken for trouble of the database. */
function checkedClock(clock: Clock): Clock {
  return {
    now: () => {
      const now: unknown = clock.now();
      if (!(now instanceof Date) || Number.isNaN(now.getTime())) {
        const shown = now instanceof Date ? 'an invalid Date' : showValue(now);
        throw new CronSettingsError(`cron({ clock }): its now() gave ${shown}; it must give a valid Date`);
      }
      return now;
    },
  };
}
