import { describe, expect, it } from 'vitest';
import { historyOf, isDue, nextRun, NO_HISTORY, Schedule, type ScheduleOptions } from '../../src/index.ts';
import { everyMinutes, simulate } from '../../src/testing/index.ts';

/** The instants at which a schedule runs under ticks every so many minutes, with no failures. */
function runs(options: ScheduleOptions, timeZone: string, from: string, to: string, minutes = 5): string[] {
  const ticks = everyMinutes(new Date(from), new Date(to), minutes);
  return (
    simulate(new Schedule(options), ticks, { timeZone })
      // Slots of the same day before the first tick are missed ones, and not what these tests are about.
      .filter(({ due, scheduledFor }) => due && !(scheduledFor && scheduledFor < new Date(from)))
      .map(({ at, ranAtTime, scheduledFor }) => {
        const tick = at.toISOString().slice(5, 16);
        const slot =
          scheduledFor && scheduledFor.getTime() !== at.getTime()
            ? ` for ${scheduledFor.toISOString().slice(5, 16)}`
            : '';
        return `${tick}${slot}${ranAtTime ? ` ${ranAtTime}` : ''}`;
      })
  );
}

describe('at midnight', () => {
  it('runs a 23:58 slot at the 00:00 tick', () => {
    expect(runs({ runAtTimes: ['23:58'] }, 'Europe/Prague', '2026-06-01T20:00Z', '2026-06-02T00:00Z')).toEqual([
      '06-01T22:00 for 06-01T21:58 23:58',
    ]);
  });

  it('does not use up the next day’s slot by a run that ends after midnight', () => {
    const ticks = everyMinutes(new Date('2026-06-01T21:30Z'), new Date('2026-06-02T23:00Z'), 5).map(tick => ({
      ...tick,
      durationSeconds: 3 * 3_600,
    }));
    const due = simulate(new Schedule({ runAtTimes: ['23:30'] }), ticks, { timeZone: 'Europe/Prague' }).filter(
      t => t.due,
    );
    expect(due.map(({ at }) => at.toISOString().slice(5, 16))).toEqual(['06-01T21:30', '06-02T21:30']);
  });

  it('runs 00:00 on the day it begins', () => {
    expect(
      runs(
        { runAtTimes: ['0:00'], runWeeklyOnDays: ['tuesday'] },
        'Europe/Prague',
        '2026-06-01T00:00Z',
        '2026-06-03T00:00Z',
      ),
    ).toEqual(['06-01T22:00 00:00']);
  });

  it('takes weekdays of the slot’s own day, though its run comes after midnight', () => {
    expect(
      runs({ runAtTimes: ['23:58'], runWeeklyOnDays: ['monday'] }, 'UTC', '2026-06-01T12:00Z', '2026-06-03T12:00Z'),
    ).toEqual(['06-02T00:00 for 06-01T23:58 23:58']);
  });
});

describe('when the clocks go forward', () => {
  it('runs a time in the gap at the first instant after it: Prague', () => {
    expect(runs({ runAtTimes: ['02:30'] }, 'Europe/Prague', '2026-03-28T20:00Z', '2026-03-29T20:00Z')).toEqual([
      '03-29T01:00 02:30',
    ]);
  });

  it('runs several times in the gap as one, under the name of the first: New York', () => {
    expect(
      runs(
        { runAtTimes: ['02:00', '02:15', '02:59', '03:00', '03:05'] },
        'America/New_York',
        '2026-03-08T00:00Z',
        '2026-03-08T20:00Z',
      ),
    ).toEqual(['03-08T07:00 02:00', '03-08T07:05 03:05']);
  });

  it('knows gaps of half an hour: Lord Howe', () => {
    expect(runs({ runAtTimes: ['02:10'] }, 'Australia/Lord_Howe', '2026-10-03T10:00Z', '2026-10-04T10:00Z')).toEqual([
      '10-03T15:30 02:10',
    ]);
  });

  it.each([
    ['America/Santiago', '2026-09-05T12:00Z', '2026-09-07T12:00Z', ['09-06T04:00 00:00', '09-07T03:00 00:00']],
    ['Africa/Cairo', '2026-04-23T12:00Z', '2026-04-25T12:00Z', ['04-23T22:00 00:00', '04-24T21:00 00:00']],
    ['Asia/Beirut', '2026-03-28T12:00Z', '2026-03-30T12:00Z', ['03-28T22:00 00:00', '03-29T21:00 00:00']],
  ])('runs a midnight that the clock jumps over at the first instant of the day: %s', (zone, from, to, expected) => {
    expect(runs({ runAtTimes: ['00:00'] }, zone, from, to)).toEqual(expected);
    expect(runs({ cron: '0 0 * * *' }, zone, from, to).map(run => run.slice(0, 11))).toEqual(
      expected.map(run => run.slice(0, 11)),
    );
  });

  it('counts real minutes of an interval', () => {
    expect(runs({ runEveryMins: 60 }, 'Europe/Prague', '2026-03-28T23:30Z', '2026-03-29T03:00Z')).toEqual([
      '03-28T23:30',
      '03-29T00:30',
      '03-29T01:30',
      '03-29T02:30',
    ]);
  });
});

describe('when the clocks go back', () => {
  it('runs a time in the overlap once, at its first occurrence: Prague', () => {
    expect(runs({ runAtTimes: ['02:30'] }, 'Europe/Prague', '2026-10-24T20:00Z', '2026-10-25T20:00Z')).toEqual([
      '10-25T00:30 02:30',
    ]);
  });

  it('runs 00:30 once on that night though the hour comes before the change', () => {
    expect(runs({ runAtTimes: ['00:30'] }, 'Europe/Prague', '2026-10-24T20:00Z', '2026-10-26T20:00Z')).toEqual([
      '10-24T22:30 00:30',
      '10-25T23:30 00:30',
    ]);
  });

  it('runs a missed time of the overlap later the same day: New York', () => {
    expect(runs({ runAtTimes: ['01:30'] }, 'America/New_York', '2026-11-01T05:20Z', '2026-11-02T04:00Z', 220)).toEqual([
      '11-01T09:00 for 11-01T05:30 01:30',
    ]);
  });

  it('knows overlaps of half an hour: Lord Howe', () => {
    expect(runs({ runAtTimes: ['01:45'] }, 'Australia/Lord_Howe', '2026-04-04T10:00Z', '2026-04-05T10:00Z')).toEqual([
      '04-04T14:45 01:45',
    ]);
  });

  it('runs 23:30 once where midnight comes twice: Santiago', () => {
    expect(runs({ runAtTimes: ['23:30'] }, 'America/Santiago', '2026-04-04T12:00Z', '2026-04-06T02:00Z')).toEqual([
      '04-05T02:30 23:30',
    ]);
  });

  it('counts real minutes of an interval through the hour that comes twice', () => {
    expect(runs({ runEveryMins: 30 }, 'Europe/Prague', '2026-10-25T00:00Z', '2026-10-25T02:00Z')).toHaveLength(5);
  });

  it('runs a cron time once and a cron pattern in both hours', () => {
    expect(runs({ cron: '30 2 * * *' }, 'Europe/Prague', '2026-10-24T20:00Z', '2026-10-25T20:00Z')).toEqual([
      '10-25T00:30',
    ]);
    expect(runs({ cron: '*/30 * * * *' }, 'Europe/Prague', '2026-10-25T00:00Z', '2026-10-25T01:55Z')).toEqual([
      '10-25T00:00',
      '10-25T00:30',
      '10-25T01:00',
      '10-25T01:30',
    ]);
  });
});

describe('in the calendar', () => {
  it('runs on the last day of every month, and on leap days', () => {
    expect(
      runs({ runAtTimes: ['06:00'], runMonthlyOnDays: [-1] }, 'UTC', '2028-01-30T00:00Z', '2028-05-01T00:00Z', 60).map(
        r => r.slice(0, 5),
      ),
    ).toEqual(['01-31', '02-29', '03-31', '04-30']);
    expect(
      runs({ runAtTimes: ['06:00'], runMonthlyOnDays: [29] }, 'UTC', '2027-01-30T00:00Z', '2027-04-01T00:00Z', 60).map(
        r => r.slice(0, 5),
      ),
    ).toEqual(['03-29']);
  });

  it('passes over months without a 31st, and takes −31 only in months that have so many days', () => {
    const inHalfYear = (day: number) =>
      runs({ runAtTimes: ['06:00'], runMonthlyOnDays: [day] }, 'UTC', '2026-01-01T00:00Z', '2026-06-30T23:00Z', 60).map(
        r => r.slice(0, 5),
      );
    expect(inHalfYear(31)).toEqual(['01-31', '03-31', '05-31']);
    expect(inHalfYear(-31)).toEqual(['01-01', '03-01', '05-01']);
  });

  it('needs a day to pass both lists', () => {
    expect(
      runs(
        { runAtTimes: ['06:00'], runMonthlyOnDays: [13], runWeeklyOnDays: ['friday'] },
        'UTC',
        '2026-01-01T00:00Z',
        '2026-12-31T00:00Z',
        60,
      ).map(r => r.slice(0, 5)),
    ).toEqual(['02-13', '03-13', '11-13']);
  });

  it('knows zones off the full hour: Kolkata and Kathmandu', () => {
    expect(runs({ runAtTimes: ['06:00'] }, 'Asia/Kolkata', '2026-06-01T00:00Z', '2026-06-01T12:00Z')).toEqual([
      '06-01T00:30 06:00',
    ]);
    expect(runs({ runAtTimes: ['06:00'] }, 'Asia/Kathmandu', '2026-06-01T00:00Z', '2026-06-01T12:00Z')).toEqual([
      '06-01T00:15 06:00',
    ]);
  });

  it('takes a weekday in the schedule’s zone, not in UTC', () => {
    const monday = { runEveryMins: 60, runWeeklyOnDays: ['monday' as const] };
    const at = (zone: string) => runs(monday, zone, '2026-05-31T00:00Z', '2026-06-03T00:00Z', 60);
    expect(at('Pacific/Kiritimati')[0]).toBe('05-31T10:00');
    expect(at('Pacific/Pago_Pago')[0]).toBe('06-01T11:00');
  });

  it.each<ScheduleOptions>([
    { cron: '0 0 31 2 *' },
    { cron: '0 12 30 2 *', runWeeklyOnDays: ['monday'] },
    { cron: '0 12 28 2 *', runMonthlyOnDays: [1] },
  ])('says that a slot never comes: %o', options => {
    const [schedule, now] = [new Schedule(options), new Date('2026-01-01T12:00Z')];
    expect(nextRun(schedule, NO_HISTORY, now, 'UTC')).toBeNull();
    expect(isDue(schedule, NO_HISTORY, now, 'UTC')).toMatchObject({ due: false, reason: 'never due again' });
  });

  it('finds 29 February on a given weekday, years away', () => {
    const schedule = new Schedule({ cron: '0 12 29 2 *', runWeeklyOnDays: ['monday'] });
    expect(nextRun(schedule, NO_HISTORY, new Date('2026-01-01T00:00Z'), 'UTC')).toEqual(new Date('2044-02-29T12:00Z'));
  });
});

describe('a cron expression', () => {
  const on = (cron: string, from: string, to: string, zone = 'UTC') => runs({ cron }, zone, from, to, 5);

  it.each([
    ['*/20 1-2 * * *', ['06-01T01:00', '06-01T01:20', '06-01T01:40', '06-01T02:00', '06-01T02:20', '06-01T02:40']],
    ['0,30 6,18 * * *', ['06-01T06:00', '06-01T06:30', '06-01T18:00', '06-01T18:30']],
    ['0 12 * jun mon', ['06-01T12:00']],
    ['0 12 * * tue', []],
    ['@daily', ['06-01T00:00']],
    ['@midnight', ['06-01T00:00']],
  ])('%s', (cron, expected) => {
    expect(on(cron, '2026-06-01T00:00Z', '2026-06-01T23:55Z')).toEqual(expected);
  });

  it.each([
    ['0 12 L * *', '2026-02-28T12:00'],
    ['0 12 * * mon#2', '2026-02-09T12:00'],
    ['0 12 * * 5L', '2026-02-27T12:00'],
    ['@monthly', '2026-03-01T00:00'],
    ['@weekly', '2026-02-08T00:00'],
    ['@yearly', '2027-01-01T00:00'],
    ['@hourly', '2026-02-01T13:00'],
  ])('%s comes next at %s', (cron, expected) => {
    const next = nextRun(
      new Schedule({ cron }),
      historyOf(
        [{ startTime: new Date('2026-02-01T12:30Z'), isSuccess: true, scheduledFor: new Date('2026-02-01T12:30Z') }],
        new Date('2026-02-01T12:30Z'),
      ),
      new Date('2026-02-01T12:30Z'),
      'UTC',
    );
    expect(next?.toISOString().slice(0, 16)).toBe(expected);
  });
});

describe('a clock that was wrong', () => {
  const now = new Date('2026-06-01T12:00Z');
  const ahead = new Date('2026-06-05T12:00Z');

  it('is passed over: a run dated in the future holds nothing up', () => {
    const history = historyOf([{ startTime: ahead, isSuccess: true, scheduledFor: null }], now);
    expect(isDue(new Schedule({ runEveryMins: 60 }), history, now, 'UTC').due).toBe(true);
    const failed = historyOf([{ startTime: ahead, isSuccess: false, scheduledFor: null }], now);
    expect(isDue(new Schedule({ runEveryMins: 60, retryAfterFailureMins: 60 }), failed, now, 'UTC').due).toBe(true);
  });

  it('is passed over: a slot served in the future is not taken as done, and those before it run', () => {
    const history = historyOf([{ startTime: ahead, isSuccess: true, scheduledFor: ahead }], now);
    expect(isDue(new Schedule({ runAtTimes: ['11:30'] }), history, now, 'UTC')).toMatchObject({
      due: true,
      scheduledFor: new Date('2026-06-01T11:30Z'),
    });
  });

  it('set back does not run a served slot again', () => {
    const ticks = ['11:58', '12:02', '12:07', '11:57', '12:01', '12:06'].map(at => ({
      at: new Date(`2026-06-01T${at}Z`),
    }));
    const due = simulate(new Schedule({ runAtTimes: ['12:00'] }), ticks, { timeZone: 'UTC' }).map(tick => tick.due);
    expect(due).toEqual([false, true, false, false, false, false]);
  });
});

describe('a cron expression that names hours', () => {
  it.each([
    ['15,45 2 * * *', ['02:15', '02:45'], 'Europe/Prague', '2026-03-28T12:00Z'],
    ['15,45 2 * * *', ['02:15', '02:45'], 'Europe/Prague', '2026-10-24T12:00Z'],
    ['0 2,4 * * *', ['02:00', '04:00'], 'Europe/Prague', '2026-10-24T12:00Z'],
    ['0 */6 * * *', ['00:00', '06:00', '12:00', '18:00'], 'America/Santiago', '2026-09-05T12:00Z'],
    ['0 */6 * * *', ['00:00', '06:00', '12:00', '18:00'], 'America/Santiago', '2026-04-04T12:00Z'],
    ['0,30 0 * * *', ['00:00', '00:30'], 'Africa/Cairo', '2026-04-23T12:00Z'],
    ['15 2 * * *', ['02:15'], 'Australia/Lord_Howe', '2026-10-03T06:00Z'],
    ['45 1 * * *', ['01:45'], 'Australia/Lord_Howe', '2026-04-04T06:00Z'],
    ['0 12 * * *', ['12:00'], 'Pacific/Apia', '2011-12-29T12:00Z'],
  ])('%s runs on odd days as the times %j do: %s, from %s', (cron, runAtTimes, timeZone, from) => {
    const to = new Date(new Date(from).getTime() + 3 * 86_400_000);
    for (const missedRuns of ['once', 'each'] as const) {
      const played = [{ cron }, { runAtTimes }].map(slots =>
        simulate(new Schedule({ ...slots, missedRuns }), everyMinutes(new Date(from), to, 5), { timeZone }).map(
          ({ due, scheduledFor }) => [due, scheduledFor],
        ),
      );
      expect(played[0]).toEqual(played[1]);
      expect(played[0]!.filter(([due]) => due).length).toBeGreaterThan(1);
    }
  });

  it('is still counted in real time when it means every hour', () => {
    const slots = runs({ cron: '*/30 * * * *' }, 'Europe/Prague', '2026-10-25T00:00Z', '2026-10-25T01:55Z');
    expect(slots).toEqual(['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30']);
    expect(runs({ cron: '0 */1 * * *' }, 'Europe/Prague', '2026-10-25T00:00Z', '2026-10-25T01:55Z')).toHaveLength(2);
  });
});
