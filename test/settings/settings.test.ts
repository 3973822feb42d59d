import { describe, expect, it } from 'vitest';
import {
  cacheLock,
  cron,
  type CronSettings,
  defineCronJob,
  memoryCache,
  redisCache,
  Schedule,
} from '../../src/index.ts';
import { openLocks } from '../../src/lock/HostLocks.ts';
import { resolveSettings } from '../../src/settings/resolveSettings.ts';

describe('settings', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['jobs', { jobs: undefined }, /it is missing/],
    ['jobs', { jobs: 'x' }, /"x" is not allowed; it must be an array/],
    ['timeZone', { timeZone: 'Mars/Olympus' }, /"Mars\/Olympus" is not allowed; it must be an IANA time zone/],
    ['lockTimeSeconds', { lockTimeSeconds: 0 }, /0 is not allowed; it must be a number of seconds from 0.1/],
    ['lockTimeSeconds', { lockTimeSeconds: 0.001 }, /0.001 is not allowed; it must be a number of seconds from 0.1/],
    ['lockTimeSeconds', { lockTimeSeconds: '300' }, /"300" is not allowed/],
    ['timeoutSeconds', { timeoutSeconds: -1 }, /-1 is not allowed/],
    [
      'timeoutSeconds',
      { timeoutSeconds: 2_147_484 },
      /2147484 is not allowed; it must be a number above 0 and at most 2147483/,
    ],
    ['shutdownGraceSeconds', { shutdownGraceSeconds: Number.NaN }, /is not allowed; it must be 0 or a number above 0/],
    ['concurrency', { concurrency: 1.5 }, /1.5 is not allowed; it must be a whole number from 1/],
    ['lock', { lock: 'database' }, /"database" is not allowed; it must be databaseLock\(\)/],
    ['clock', { clock: {} }, /must be an object with a method now\(\): Date/],
    ['createJob', { createJob: true }, /true is not allowed; it must be a function/],
    ['logErrors', { logErrors: 'yes' }, /"yes" is not allowed; it must be true or false/],
    [
      'deleteLogsOlderThanDays',
      { deleteLogsOlderThanDays: 0 },
      /0 is not allowed; it must be a number of days above 0/,
    ],
    ['removeSuccessfulLogs', { removeSuccessfulLogs: 1 }, /1 is not allowed; it must be true or false/],
    ['captureConsole', { captureConsole: 'no' }, /"no" is not allowed/],
    ['onJobFailure', { onJobFailure: 'mail me' }, /"mail me" is not allowed; it must be a function/],
    [
      'caches',
      { caches: { default: {} } },
      /must be an object of caches by name, as in \{ default: redisCache\(client\) \}/,
    ],
    ['cacheName', { cacheName: '' }, /"" is not allowed/],
    ['lockFilePath', { lockFilePath: 5 }, /5 is not allowed/],
    ['timezone', { timezone: 'UTC' }, /there is no such setting; did you mean timeZone\?/],
    ['zone', { zone: 'UTC' }, /there is no such setting; there are jobs, jobsTs, timeZone/],
    [
      'deleteLogsOlderThanDays',
      { deleteLogsOlderThanDays: 1e12 },
      /must be a number of days above 0 and at most 36500/,
    ],
  ])('refuse a bad %s, naming it, the value and what is allowed', (key, settings, message) => {
    const call = () => cron({ jobs: [], ...settings } as CronSettings);
    expect(call).toThrow(message);
    expect(call).toThrow(`cron({ ${key} }): `);
  });

  it('are refused when a lock does not find in them what it needs', () => {
    expect(() => cron({ jobs: [], lock: cacheLock() })).toThrow(
      /cron\(\{ lock \}\): cacheLock\(\) finds no cache 'default' in the setting caches \(none there\); write cacheLock\(\{ cache: redisCache\(client\) \}\)/,
    );
    expect(() => cron({ jobs: [], lock: cacheLock(), caches: { fast: memoryCache() }, cacheName: 'slow' })).toThrow(
      /finds no cache 'slow' in the setting caches \(fast\)/,
    );
    expect(() => cron({ jobs: [], lock: cacheLock(), caches: { default: memoryCache() } })).not.toThrow();
    expect(() => redisCache({} as never)).toThrow(/the client has neither call\(\) nor sendCommand\(\)/);
  });

  it('do not let a clock that gives nonsense be taken for trouble of the database', () => {
    const clockOf = (now: unknown) => resolveSettings({ jobs: [], clock: { now: () => now as Date } }).clock;
    expect(() => clockOf(new Date(NaN))?.now()).toThrow(
      'cron({ clock }): its now() returned an invalid Date; it must return a valid Date',
    );
    expect(() => clockOf('today')?.now()).toThrow(
      'cron({ clock }): its now() returned "today"; it must return a valid Date',
    );
    expect(clockOf(new Date(5))?.now()).toEqual(new Date(5));
  });

  it('are refused when the lock they make is none, naming the job', async () => {
    const settings = resolveSettings({ jobs: [], lock: () => ({ lock: true }) as never });
    const job = defineCronJob({ code: 'a.b', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const locks = openLocks(settings.lock, {} as never, settings);
    await expect(locks.acquire!(job)).rejects.toThrow(
      'cron({ lock }): it returned { lock: true } for a.b; it must return a JobLock, with lock() and release()',
    );
  });

  it('take a value of undefined for the default', () => {
    expect(() => cron({ jobs: [], timeZone: undefined as never })).not.toThrow();
  });
});
