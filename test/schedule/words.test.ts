import { describe, expect, it } from 'vitest';
import { CronScheduleError, historyOf, isDue, Schedule, type ScheduleOptions } from '../../src/index.ts';
import { everyMinutes, SettableClock } from '../../src/testing/index.ts';

describe('a schedule refuses', () => {
  it.each<[string, object, string]>([
    [
      'nothing at all',
      {},
      'it would never run; it needs runEveryMins, runAtTimes or cron, as in new Schedule({ runEveryMins: 5 })',
    ],
    ['days alone', { runWeeklyOnDays: ['monday'] }, 'it would never run'],
    [
      'an option that is not there',
      { runEveryMinutes: 5 },
      'there is no option runEveryMinutes; there are runEveryMins, ',
    ],
    [
      'negative minutes',
      { runEveryMins: -1 },
      'runEveryMins -1 is not allowed; it must be a number of minutes from 0 to 52560000, as in runEveryMins: 5',
    ],
    ['more minutes than calendars have', { runEveryMins: 1e300 }, 'runEveryMins 1e+300 is not allowed'],
    [
      'an endless retry',
      { runEveryMins: 5, retryAfterFailureMins: 1e12 },
      'retryAfterFailureMins 1000000000000 is not',
    ],
    [
      'an endless deadline',
      { runAtTimes: ['6:30'], startingDeadlineMins: 1e12 },
      'startingDeadlineMins 1000000000000 is',
    ],
    ['minutes as text', { runEveryMins: '5' }, 'runEveryMins "5" is not allowed'],
    ['no number', { runEveryMins: NaN }, 'runEveryMins NaN is not allowed'],
    [
      'an hour too many',
      { runAtTimes: ['24:00'] },
      `runAtTimes ["24:00"] is not allowed; it must be a list of times from '0:00' to '23:59', as in runAtTimes: ['06:30', '18:00']`,
    ],
    ['seconds', { runAtTimes: ['11:30:00'] }, 'runAtTimes ["11:30:00"] is not allowed'],
    ['an empty list of times', { runAtTimes: [] }, 'runAtTimes [] is not allowed'],
    ['one time without a list', { runAtTimes: '06:30' }, 'runAtTimes "06:30" is not allowed'],
    [
      'weekdays by number',
      { runEveryMins: 5, runWeeklyOnDays: [0] },
      `runWeeklyOnDays [0] is not allowed; it must be a list of weekdays by name, since 0 means Monday to some and Sunday to others, as in runWeeklyOnDays: ['monday', 'friday']`,
    ],
    [
      'a weekday that is none',
      { runEveryMins: 5, runWeeklyOnDays: ['caturday'] },
      'runWeeklyOnDays ["caturday"] is not allowed',
    ],
    [
      'day 0',
      { runEveryMins: 5, runMonthlyOnDays: [0] },
      'runMonthlyOnDays [0] is not allowed; it must be a list of whole numbers from 1 to 31, or from -1 (the last day) to -31, as in runMonthlyOnDays: [1, 15, -1]',
    ],
    ['day 32', { runEveryMins: 5, runMonthlyOnDays: [32] }, 'runMonthlyOnDays [32] is not allowed'],
    ['a negative wait', { runEveryMins: 5, retryAfterFailureMins: -5 }, 'retryAfterFailureMins -5 is not allowed'],
    ['a negative tolerance', { runEveryMins: 5, runToleranceSeconds: -5 }, 'runToleranceSeconds -5 is not allowed'],
    [
      'a zone that is none',
      { runEveryMins: 5, timeZone: 'Prague' },
      `timeZone "Prague" is not allowed; it must be an IANA time zone, as in timeZone: 'Europe/Prague'`,
    ],
    [
      'another policy',
      { runEveryMins: 5, missedRuns: 'all' },
      `missedRuns "all" is not allowed; it must be 'once' or 'each', as in missedRuns: 'each'`,
    ],
    [
      'no deadline',
      { runAtTimes: ['6:30'], startingDeadlineMins: 0 },
      'startingDeadlineMins 0 is not allowed; it must be a number of minutes above 0',
    ],
    [
      'a bad cron expression',
      { cron: '61 * * * *' },
      `cron "61 * * * *" is not allowed: '61' is not a valid minute: it must be 0 to 59, `,
    ],
    ['six fields', { cron: '0 30 6 * * *' }, `cron "0 30 6 * * *" is not allowed: `],
    [
      'an empty cron expression',
      { cron: ' ' },
      'cron " " is not allowed; it must be a crontab expression of five fields',
    ],
  ])('%s', (_, options, message) => {
    const make = () => new Schedule(options as ScheduleOptions);
    expect(make).toThrow(CronScheduleError);
    expect(make).toThrow(`Schedule: ${message}`);
  });

  it.each([
    ['* * 32 * *', "'32' is not a valid day of the month"],
    ['* * 0 * *', "'0' is not a valid day of the month"],
    ['* * 1,40,2 * *', "'40' in '1,40,2' is not a valid day of the month"],
    ['1-70 * * * *', "'1-70' is not a valid minute"],
    ['* 24 * * *', "'24' is not a valid hour"],
    ['* * * 13 *', "'13' is not a valid month"],
    ['* * * * 8', "'8' is not a valid day of the week"],
    ['0 0 * * fri-mon', "'fri-mon' is not a valid day of the week"],
    ['*/61 * * * *', "'*/61' is not a valid minute"],
    ['0 0 * * mon,Sun-SUN', "'Sun-SUN' in 'mon,Sun-SUN' is not a valid day of the week"],
    ['0 0 * * 0-sun', "'0-sun' is not a valid day of the week"],
  ])('a bad value of the expression %s as it was typed', (cron, message) => {
    expect(() => new Schedule({ cron })).toThrow(message);
  });

  it.each([
    '2026-06-01T06:00:00',
    '2026-06-01T06:00:00Z',
    '@2026-06-01T06:00',
    '@daily:',
    '* * 6:30 * *',
    '* * * * *\u200b',
  ])('what is no crontab expression, though croner takes it for a date: %j', cron => {
    expect(() => new Schedule({ cron })).toThrow(CronScheduleError);
  });

  it('shows a valid cron expression with a bad one', () => {
    expect(() => new Schedule({ cron: 'now and then' })).toThrow(
      /it must be a crontab expression of five fields such as '30 6 \* \* mon-fri', or one like '@daily'$/,
    );
  });
});

describe('a schedule in words', () => {
  it.each<[ScheduleOptions, string]>([
    [
      { runEveryMins: 120, runAtTimes: ['6:30'], timeZone: 'Europe/Prague' },
      'every 2 hours and at 06:30 (Europe/Prague)',
    ],
    [{ runEveryMins: 0 }, 'at every tick'],
    [{ runEveryMins: 1 }, 'every minute'],
    [{ runEveryMins: 90 }, 'every 90 minutes'],
    [{ runEveryMins: 1440 }, 'every day'],
    [{ runAtTimes: ['18:00', '6:30', '06:30'] }, 'at 06:30 and 18:00'],
    [{ runAtTimes: ['6:00'], runWeeklyOnDays: ['monday', 'friday'] }, 'at 06:00, on mondays and fridays'],
    [
      { runAtTimes: ['6:00'], runMonthlyOnDays: [1, -1, -2] },
      'at 06:00, on day 1, the last day, and the 2nd last day of the month',
    ],
    [{ cron: '30 6 * * mon-fri' }, 'at 06:30, Monday through Friday'],
    [{ cron: '@daily' }, 'at 00:00'],
    [{ cron: '0 0 13 * 5' }, 'at 00:00, on day 13 of the month or on Friday'],
    [{ cron: '0 0 1,15 5 mon-fri' }, 'at 00:00, on day 1 and 15 of the month or on Monday through Friday, only in May'],
    [{ cron: '0 0 1-7 * 1#1' }, 'at 00:00, between day 1 and 7 of the month or on the first Monday of the month'],
    [{ cron: '0 0 L * mon,wed' }, 'at 00:00, on the last day of the month or on Monday and Wednesday'],
    [{ cron: '0 0 ? * 5' }, 'at 00:00, only on Friday'],
    [{ cron: ' 0\t0\u00a0* * \ufeff5 ' }, 'at 00:00, only on Friday'],
    [{ cron: '0  0 13 *\t+5' }, 'cron 0 0 13 * +5'],
    [{ cron: '0 0 13 * ?' }, 'at 00:00, on day 13 of the month'],
  ])('%o', (options, words) => {
    expect(new Schedule(options).describe()).toBe(words);
  });

  it('names the host’s zone where it has none of its own', () => {
    expect(new Schedule({ runAtTimes: ['6:30'] }).describe('Asia/Tokyo')).toBe('at 06:30 (Asia/Tokyo)');
  });
});

describe('the reason of a decision', () => {
  const ran = (at: string, isSuccess = true, slot: string | null = null) => ({
    startTime: new Date(at),
    isSuccess,
    scheduledFor: slot === null ? null : new Date(slot),
  });

  it.each<[string, ScheduleOptions, ReturnType<typeof ran>[], string]>([
    ['no earlier success', { runEveryMins: 60 }, [], '2026-06-01T08:00Z'],
    ['last success 08:00 Europe/Prague', { runEveryMins: 60 }, [ran('2026-06-01T06:00Z')], '2026-06-01T08:00Z'],
    ['next run 10:30 Europe/Prague in 30 min', { runEveryMins: 60 }, [ran('2026-06-01T07:30Z')], '2026-06-01T08:00Z'],
    ['next slot 12:00 Europe/Prague in 2 h', { runAtTimes: ['12:00'] }, [], '2026-06-01T08:00Z'],
    [
      'next slot 2026-06-02 06:30 Europe/Prague in 20 h 30 min',
      { runAtTimes: ['6:30'] },
      [ran('2026-06-01T04:30Z', true, '2026-06-01T04:30Z')],
      '2026-06-01T08:00Z',
    ],
    ['slot 06:30 Europe/Prague', { runAtTimes: ['6:30'] }, [], '2026-06-01T08:00Z'],
    ['slot 10:00 Europe/Prague', { cron: '0 * * * *' }, [], '2026-06-01T08:00Z'],
    [
      'retry not before 10:05 Europe/Prague',
      { runEveryMins: 60, retryAfterFailureMins: 20 },
      [ran('2026-06-01T07:45Z', false)],
      '2026-06-01T08:00Z',
    ],
    ['not on mondays', { runEveryMins: 60, runWeeklyOnDays: ['sunday'] }, [], '2026-06-01T08:00Z'],
    ['not on day 1 of the month', { runEveryMins: 60, runMonthlyOnDays: [15] }, [], '2026-06-01T08:00Z'],
    [
      'next slot 2026-06-07 06:30 Europe/Prague in 5 d 20 h',
      { runAtTimes: ['6:30'], runWeeklyOnDays: ['sunday'] },
      [],
      '2026-06-01T08:00Z',
    ],
  ])('%s', (reason, options, runs, at) => {
    const now = new Date(at);
    expect(isDue(new Schedule(options), historyOf(runs, now), now, 'Europe/Prague').reason).toBe(reason);
  });
});

describe('the test kit refuses', () => {
  it('a clock set to no instant', () => {
    expect(() => new SettableClock('yesterday')).toThrow(
      /SettableClock: "yesterday" is not an instant; write '2026-03-29T01:00:00Z'/,
    );
  });

  it('ticks that never get on', () => {
    expect(() => everyMinutes(new Date(0), new Date(1), 0)).toThrow(/everyMinutes: 0 minutes are not allowed/);
  });
});
