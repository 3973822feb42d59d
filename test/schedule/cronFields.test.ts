import { describe, expect, it } from 'vitest';
import { Schedule } from '../../src/index.ts';
import { isEitherDay, matchesEveryHour } from '../../src/schedule/cronFields.ts';
import { everyMinutes, simulate } from '../../src/testing/index.ts';

const ALL = Array.from({ length: 24 }, (_, hour) => hour).join(',');

const every = ['*', '?', '*/1', '0-23', '0-23/1', '0-11,12-23', '12-23,0-11', ALL];
const some = ['0', '*/2', '0-22', '1-23', '0-11,13-23', '5'];

describe('an expression', () => {
  it.each(every)('with the hours %s matches every hour', hours => {
    expect(matchesEveryHour(`0 ${hours} * * *`)).toBe(true);
    expect(matchesEveryHour(`*/15  ${hours}\t1 * mon`)).toBe(true);
  });

  it.each(some)('with the hours %s does not', hours => {
    expect(matchesEveryHour(`0 ${hours} * * *`)).toBe(false);
  });

  it('may be a nickname', () => {
    expect(['@hourly', '@HOURLY', '@daily', '@yearly'].map(matchesEveryHour)).toEqual([true, true, false, false]);
  });

  it.each(every)(
    'of every hour, written as %s, runs in both hours of an overlap and never twice after a gap',
    hours => {
      const slots = (from: string) =>
        simulate(
          new Schedule({ cron: `0 ${hours} * * *`, missedRuns: 'each' }),
          everyMinutes(new Date(`${from}T00:00Z`), new Date(`${from}T04:00Z`), 5),
          { timeZone: 'Europe/Prague' },
        ).filter(({ due, scheduledFor }) => due && scheduledFor!.getTime() >= Date.parse(`${from}T00:00Z`));
      expect(slots('2026-10-25')).toHaveLength(5);
      expect(slots('2026-03-29')).toHaveLength(5);
    },
  );

  it.each([
    ['0 0 13 * 5', true],
    ['0 0 */2 * 5', true],
    ['0 0 * * 5', false],
    ['0 0 ? * 5', false],
    ['0 0 13 * *', false],
    ['@daily', false],
  ])('%s has two day fields of which either is enough: %s', (expression, isEither) => {
    expect(isEitherDay(expression)).toBe(isEither);
  });
});
