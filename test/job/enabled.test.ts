import { describe, expect, it } from 'vitest';
import { CronError, CronJobError } from '../../src/index.ts';
import { areAllOff, isEnabled } from '../../src/job/enabled.ts';

describe('a job', () => {
  const job = (enabled?: unknown) => ({
    code: 'a.b',
    ...(enabled === undefined ? {} : { enabled: enabled as boolean }),
  });

  it('is on unless it says otherwise, for this environment', () => {
    expect(isEnabled(job())).toBe(true);
    expect(isEnabled(job(true))).toBe(true);
    expect(isEnabled(job(false))).toBe(false);
    const inProduction = job((env: NodeJS.ProcessEnv) => env['NODE_ENV'] === 'production');
    expect(isEnabled(inProduction, { NODE_ENV: 'production' })).toBe(true);
    expect(isEnabled(inProduction, {})).toBe(false);
  });

  it.each<[string, () => unknown, string]>([
    ['gives a promise', async () => Promise.resolve(false), 'Job a.b: its function enabled gives Promise {}; it must'],
    ['gives nothing', () => undefined, 'Job a.b: its function enabled gives undefined; it must return true or false'],
    ['gives a text', () => '', 'its function enabled gives ""'],
    [
      'throws',
      () => {
        throw new Error('no\nflags');
      },
      'Job a.b: its function enabled fails: no flags',
    ],
  ])('is refused when its function %s', (_, enabled, message) => {
    expect(() => isEnabled(job(enabled))).toThrow(CronJobError);
    expect(() => isEnabled(job(enabled))).toThrow(message);
  });
});

describe('CRON_DISABLED', () => {
  it.each([['1'], ['true'], ['YES'], [' on ']])('%j puts all jobs off', value => {
    expect(areAllOff({ CRON_DISABLED: value })).toBe(true);
  });

  it.each([[undefined], [''], ['0'], ['false'], ['No'], ['off']])('%j does not', value => {
    expect(areAllOff({ CRON_DISABLED: value })).toBe(false);
  });

  it.each([['2'], ['disabled'], ['ja']])('%j is refused', value => {
    expect(() => areAllOff({ CRON_DISABLED: value })).toThrow(CronError);
    expect(() => areAllOff({ CRON_DISABLED: value })).toThrow(
      `CRON_DISABLED "${value}" is not allowed; it must be 1, which puts all jobs off, or 0, or unset`,
    );
  });
});
