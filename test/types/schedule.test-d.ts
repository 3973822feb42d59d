import { describe, expectTypeOf, it } from 'vitest';
import { type Decision, isDue, nextRun, NO_HISTORY, Schedule, type Weekday } from '../../src/index.ts';
import { everyMinutes, simulate, type SimulatedTick } from '../../src/testing/index.ts';

describe('schedule options', () => {
  it('have their errors at their keys', () => {
    void new Schedule({
      // @ts-expect-error minutes are a number
      runEveryMins: '5',
      // @ts-expect-error times are a list
      runAtTimes: '06:30',
      // @ts-expect-error weekdays are names, since 0 means Monday to some and Sunday to others
      runWeeklyOnDays: [0],
      // @ts-expect-error month days are numbers
      runMonthlyOnDays: ['last'],
      // @ts-expect-error there are two ways
      missedRuns: 'all',
    });
  });

  it('refuse a name they do not know', () => {
    // @ts-expect-error it is runEveryMins
    void new Schedule({ runEveryMinutes: 5 });
  });

  it('take lists that cannot be changed', () => {
    const days = ['monday', 'friday'] as const;
    expectTypeOf(new Schedule({ runAtTimes: ['6:30'] as const, runWeeklyOnDays: days })).toEqualTypeOf<Schedule>();
    expectTypeOf<Weekday>().toEqualTypeOf<
      'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'
    >();
  });
});

describe('decisions', () => {
  it('are typed', () => {
    const schedule = new Schedule({ cron: '@daily' });
    expectTypeOf(isDue(schedule, NO_HISTORY, new Date(), 'UTC')).toEqualTypeOf<Decision>();
    expectTypeOf(nextRun(schedule, NO_HISTORY, new Date(), 'UTC')).toEqualTypeOf<Date | null>();
    const ticks = everyMinutes(new Date(0), new Date(1), 5);
    expectTypeOf(simulate(schedule, ticks, { timeZone: 'UTC' })).toEqualTypeOf<SimulatedTick[]>();
    // @ts-expect-error a run ends in one of two ways
    simulate(schedule, [{ at: new Date(), outcome: 'failed' }], { timeZone: 'UTC' });
  });
});
