import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CronScheduleError,
  historyOf,
  isDue,
  NO_HISTORY,
  nextRun,
  Schedule,
  type ScheduleOptions,
} from '../../src/index.ts';
import { everyMinutes, simulate } from '../../src/testing/index.ts';
import { anySchedule, code, DAY, MINUTE, start, ticks, timesOnly, zone } from './arbitraries.ts';
import { isStartable, slotsOf } from './oracle.ts';

const localDay = (instant: Date, timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);

/** Whether a day is excluded, asked as a calendar on the wall would be. */
function isExcluded(day: string, { except = [] }: ScheduleOptions): boolean {
  return [except].flat().some(item => {
    if (typeof item === 'function') {
      return item(day);
    }
    const [from = '', to = from] = item.split('/');
    return day >= from && day <= to;
  });
}

describe('a schedule refuses', () => {
  const times = { runAtTimes: ['06:30'] };

  it.each<[object, string]>([
    [
      { ...times, except: '2026-02-30' },
      `except "2026-02-30" is not allowed; it must be a date such as '2026-12-24' or`,
    ],
    [{ ...times, except: ['2026-12-24', '2026-1-1'] }, 'except "2026-1-1" is not allowed'],
    [{ ...times, except: ['24.12.2026'] }, 'except "24.12.2026" is not allowed'],
    [{ ...times, except: '2026-12-24T00:00Z' }, 'except "2026-12-24T00:00Z" is not allowed'],
    [{ ...times, except: '' }, 'except "" is not allowed'],
    [{ ...times, except: '2026-12-24/' }, 'except "2026-12-24/" is not allowed'],
    [{ ...times, except: '2026-12-24/2026-12-25/2026-12-26' }, 'is not allowed; it must be a date'],
    [{ ...times, except: '2027-01-02/2026-12-24' }, 'except "2027-01-02/2026-12-24" ends before it begins'],
    [{ ...times, except: [] }, 'except [] is not allowed; it must be a date, a range of dates, a function'],
    [{ ...times, except: new Date(0) }, 'is not allowed; it must be a date, a range of dates, a function'],
    [{ ...times, except: [20261224] }, 'except [20261224] is not allowed'],
    [{ ...times, except: async () => Promise.resolve(true) }, 'except the function except is asynchronous'],
    [{ ...times, onExcluded: 'next' }, 'onExcluded "next" needs except, the days that are excluded'],
    [
      { ...times, except: '2026-12-24', onExcluded: 'later' },
      `onExcluded "later" is not allowed; it must be 'skip' or`,
    ],
    [{ ...times, spreadMins: -1 }, 'spreadMins -1 is not allowed; it must be a number of minutes from 0'],
    [{ ...times, spreadMins: '5' }, 'spreadMins "5" is not allowed'],
    [{ ...times, spreadMins: NaN }, 'spreadMins NaN is not allowed'],
    [
      { ...times, spreadMins: 61 },
      'since a start could miss its deadline; it must be at most 60: set startingDeadlineMins',
    ],
    [{ ...times, spreadMins: 30, startingDeadlineMins: 30 }, 'it must be less than startingDeadlineMins, which is 30'],
    [{ runsAfter: [] }, 'runsAfter [] is not allowed; it must be a list of codes of other jobs'],
    [{ runsAfter: 'billing.import' }, 'runsAfter "billing.import" is not allowed'],
    [{ runsAfter: [' '] }, 'runsAfter [" "] is not allowed'],
    [{ runsAfter: [7] }, 'runsAfter [7] is not allowed'],
    [{ manual: true }, 'there is no option manual'],
    [{ except: '2026-12-24' }, 'it would never run; it needs runEveryMins, runAtTimes, cron or runsAfter'],
  ])('%j', (options, message) => {
    const make = () => new Schedule(options as ScheduleOptions);
    expect(make).toThrow(CronScheduleError);
    expect(make).toThrow(message);
    expect(make).not.toThrow('\n');
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('no\ncalendar');
      },
      `fails for '2026-06-01': no calendar; it must return true`,
    ],
    ['gives nothing', () => undefined, `gives undefined for '2026-06-01'; it must return true or false`],
    ['gives a promise', () => Promise.resolve(false), `for '2026-06-01'; it must return true or false`],
  ])('a day when its function %s', (_, ask, message) => {
    const schedule = new Schedule({ runEveryMins: 5, except: ask as () => boolean });
    expect(() => isDue(schedule, NO_HISTORY, new Date('2026-06-01T12:00Z'), 'UTC')).toThrow(message);
  });
});

describe('a schedule in words', () => {
  const isHoliday = () => false;

  it.each<[ScheduleOptions, string]>([
    [{ runAtTimes: ['6:30'], except: '2026-12-24' }, 'at 06:30, except 2026-12-24'],
    [
      { runAtTimes: ['6:30'], except: ['2026-12-24/2026-12-26', isHoliday], onExcluded: 'next' },
      'at 06:30, except 2026-12-24 to 2026-12-26 and days of isHoliday(), which move to the next day',
    ],
    [{ runAtTimes: ['6:30'], except: () => false }, 'at 06:30, except some days'],
    [
      { runEveryMins: 5, except: ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-05-08'] },
      'every 5 minutes, except 2026-01-01, 2026-04-03, 2026-04-06, and 2 more',
    ],
    [{ cron: '0 * * * *', spreadMins: 30 }, 'every hour, spread over 30 minutes'],
    [{ runAtTimes: ['6:30'], spreadMins: 0 }, 'at 06:30'],
    [{ runsAfter: ['billing.import'] }, 'after billing.import'],
    [{ runEveryMins: 1440, runsAfter: ['a', 'b'] }, 'every day and after a and b'],
  ])('%j', (options, words) => {
    expect(new Schedule(options).describe()).toBe(words);
  });

  it('of people', () => {
    expect(Schedule.manual().describe('Europe/Prague')).toBe('only when asked for');
  });
});

describe('an excluded day', () => {
  it('has no run, whatever the schedule, the zone and the ticks', () => {
    fc.assert(
      fc.property(anySchedule, zone, ticks, code, (options, timeZone, played, name) => {
        fc.pre(options.except !== undefined);
        for (const { at, due, scheduledFor } of simulate(new Schedule(options), played, { timeZone, code: name })) {
          expect(due && isExcluded(localDay(scheduledFor ?? at, timeZone), options)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  const christmas = '2026-12-24/2026-12-26';
  const runs = (options: ScheduleOptions, from: string, to: string) =>
    simulate(new Schedule(options), everyMinutes(new Date(from), new Date(to), 30), { timeZone: 'Europe/Prague' })
      .filter(({ due }) => due)
      .map(({ scheduledFor, ranAtTime }) => `${scheduledFor?.toISOString().slice(0, 16)} ${ranAtTime}`);

  it('drops its slots, or moves them to the next day that is not excluded, whatever its weekday', () => {
    const thursdays: ScheduleOptions = { runAtTimes: ['6:30'], runWeeklyOnDays: ['thursday'], except: christmas };
    expect(runs(thursdays, '2026-12-23T00:00Z', '2026-12-28T00:00Z')).toEqual([]);
    expect(runs({ ...thursdays, onExcluded: 'next' }, '2026-12-23T00:00Z', '2026-12-30T00:00Z')).toEqual([
      '2026-12-27T05:30 06:30',
    ]);
  });

  it('moves slots that meet onto one run', () => {
    const daily: ScheduleOptions = { cron: '30 6 * * *', except: christmas, onExcluded: 'next', missedRuns: 'each' };
    expect(runs(daily, '2026-12-23T00:00Z', '2026-12-28T23:00Z')).toEqual([
      '2026-12-23T05:30 null',
      '2026-12-27T05:30 null',
      '2026-12-28T05:30 null',
    ]);
  });

  it('keeps an interval waiting until it ends, by the zone of the schedule', () => {
    const schedule = new Schedule({ runEveryMins: 60, except: '2026-12-24', timeZone: 'Asia/Tokyo' });
    const now = new Date('2026-12-24T10:00Z');
    expect(isDue(schedule, NO_HISTORY, now).reason).toBe('not on 2026-12-24, which is excluded');
    expect(nextRun(schedule, NO_HISTORY, now)).toEqual(new Date('2026-12-24T15:00Z'));
  });

  it('that never ends makes a job never due', () => {
    const schedule = new Schedule({ runAtTimes: ['6:30'], cron: '0 * * * *', except: () => true, onExcluded: 'next' });
    expect(nextRun(schedule, NO_HISTORY, new Date('2026-01-01T00:00Z'), 'UTC')).toBeNull();
  });

  it('moves a slot by a year at most', () => {
    const next = (except: string) =>
      nextRun(
        new Schedule({ cron: '0 0 29 2 *', onExcluded: 'next', except }),
        NO_HISTORY,
        new Date('2028-01-01T00:00Z'),
        'UTC',
      )?.toISOString();
    expect(next('2028-02-29')).toBe('2028-03-01T00:00:00.000Z');
    expect(next('2028-02-29/2029-02-28')).toBe('2029-03-01T00:00:00.000Z');
    expect(next('2028-02-29/2029-03-01')).toBe('2032-02-29T00:00:00.000Z');
  });
});

describe('a spread', () => {
  it('starts each slot once, within its minutes and its deadline, always by the same part', () => {
    fc.assert(
      fc.property(
        timesOnly,
        zone,
        start,
        code,
        fc.integer({ min: 1, max: 60 }),
        (options, timeZone, from, name, mins) => {
          const startingDeadlineMins = options.startingDeadlineMins && options.startingDeadlineMins + mins;
          const all: ScheduleOptions & { runAtTimes: string[] } = {
            ...options,
            missedRuns: 'each',
            spreadMins: mins,
            ...(startingDeadlineMins ? { startingDeadlineMins } : {}),
          };
          const to = from + DAY;
          const played = simulate(new Schedule(all), everyMinutes(new Date(from), new Date(to), 1), {
            timeZone,
            code: name,
          });
          const starts = new Map(
            played.flatMap(({ at, scheduledFor }) => (scheduledFor ? [[scheduledFor.getTime(), at.getTime()]] : [])),
          );
          const delays = new Set<number>();
          const late = to - (mins + options.runAtTimes.length + 1) * MINUTE;
          for (const slot of slotsOf(all, timeZone, from, to).filter(
            ({ instant }) => instant >= from && instant <= late,
          )) {
            const at = starts.get(slot.instant);
            expect(at, `slot ${new Date(slot.instant).toISOString()}`).toBeDefined();
            expect(at! - slot.instant).toBeGreaterThanOrEqual(0);
            // The next whole minute is the first tick after it; slots closer than that queue, one a tick.
            expect(at! - slot.instant).toBeLessThan((mins + options.runAtTimes.length) * MINUTE);
            expect(isStartable(slot, at!, { ...all, startingDeadlineMins: startingDeadlineMins ?? 24 * 60 })).toBe(
              true,
            );
            delays.add(at! - slot.instant);
          }
          expect(delays.size).toBeLessThanOrEqual(options.runAtTimes.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('covers its minutes evenly, in whole seconds, and is the same at every call', () => {
    const schedule = new Schedule({ cron: '0 6 * * *', spreadMins: 30 });
    const six = Date.parse('2026-06-01T06:00Z');
    const delays = Array.from({ length: 600 }, (_, index) => {
      const history = { ...NO_HISTORY, code: `app.job_${index}` };
      // After the slot of the day before has run out.
      const next = nextRun(schedule, history, new Date(six - 1), 'UTC')!.getTime();
      expect(next % 1_000).toBe(0);
      expect(
        nextRun(new Schedule({ cron: '0 6 * * *', spreadMins: 30 }), history, new Date(six), 'UTC')?.getTime(),
      ).toBe(next);
      return (next - six) / MINUTE;
    });
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(30);
    for (let minute = 0; minute < 30; minute += 5) {
      const count = delays.filter(delay => delay >= minute && delay < minute + 5).length;
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
  });

  it('that is changed reruns nothing, since the slot is what was served', () => {
    const slot = new Date('2026-06-01T06:00Z');
    const at = new Date('2026-06-01T06:59Z');
    const history = historyOf([{ startTime: new Date('2026-06-01T06:20Z'), isSuccess: true, scheduledFor: slot }], at);
    for (const spreadMins of [0, 1, 20, 40, 60]) {
      const schedule = new Schedule({ runAtTimes: ['6:00'], ...(spreadMins && { spreadMins }) });
      for (const now of [at, slot, new Date('2026-06-01T06:21Z')]) {
        const past = { ...history, code: 'app.job' };
        expect(isDue(schedule, past, now, 'UTC').due).toBe(false);
        expect(nextRun(schedule, past, now, 'UTC')?.toISOString().slice(0, 11)).toBe('2026-06-02T');
        expect(isDue(schedule, past, now, 'UTC').reason).toContain('next slot 2026-06-02 06:00');
      }
    }
  });

  it('is what nextRun goes by, whichever slots were served', () => {
    const cron = fc.constantFrom('*/15 * * * *', '0 * * * *', '30 6 * * *');
    const spread = fc.integer({ min: 1, max: 60 });
    const quarters = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(
        cron,
        spread,
        quarters,
        fc.integer({ min: 0, max: 90 }),
        code,
        (expression, mins, served, since, name) => {
          const schedule = new Schedule({ cron: expression, spreadMins: mins });
          const slot = Date.parse('2026-06-01T04:00Z') + served * 15 * MINUTE;
          const now = slot + since * MINUTE;
          const runs = [{ startTime: new Date(slot), isSuccess: true, scheduledFor: new Date(slot) }];
          const history = { ...historyOf(runs, new Date(now)), code: name };
          const isDueAt = (instant: number) => isDue(schedule, history, new Date(instant), 'UTC').due;
          const next = nextRun(schedule, history, new Date(now), 'UTC')!.getTime();
          for (let at = now; at < next; at += MINUTE) {
            expect(isDueAt(at), new Date(at).toISOString()).toBe(false);
          }
          expect(isDueAt(next), new Date(next).toISOString()).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is in the reason of a decision', () => {
    const schedule = new Schedule({ runAtTimes: ['6:00'], spreadMins: 60 });
    const { reason } = isDue(schedule, { ...NO_HISTORY, code: 'app.job' }, new Date('2026-06-01T05:00Z'), 'UTC');
    expect(reason).toMatch(/^next slot 06:00 UTC, spread to 06:\d\d:\d\d, in 1 h/);
  });
});

describe('Schedule.manual()', () => {
  it('is never due by itself', () => {
    const schedule = Schedule.manual();
    const now = new Date('2026-06-01T05:00Z');
    expect(isDue(schedule, NO_HISTORY, now).due).toBe(false);
    expect(isDue(schedule, NO_HISTORY, now).reason).toBe('manual: it runs only when asked for');
    expect(nextRun(schedule, NO_HISTORY, now)).toBeNull();
  });
});

describe('a job that runs after others', () => {
  const at = (time: string) => new Date(`2026-06-01T${time}Z`);
  const succeeded = (time: string) => ({ startTime: at(time), isSuccess: true, scheduledFor: null });
  const failed = (time: string) => ({ startTime: at(time), isSuccess: false, scheduledFor: null });
  const decide = (
    options: ScheduleOptions,
    runs: Parameters<typeof historyOf>[0],
    ends: Readonly<Record<string, string | null>>,
  ) => {
    const now = at('12:00');
    const successEnds = new Map(Object.entries(ends).map(([other, end]) => [other, end === null ? null : at(end)]));
    const history = { ...historyOf(runs, now), successEnds };
    const { due, trigger, reason } = isDue(new Schedule(options), history, now, 'UTC');
    const next = nextRun(new Schedule(options), history, now, 'UTC');
    return { due, trigger, reason, next: next?.toISOString().slice(11, 16) ?? null };
  };
  const after: ScheduleOptions = { runsAfter: ['a', 'b'] };

  it.each<[string, Parameters<typeof decide>, Partial<ReturnType<typeof decide>>]>([
    [
      'never, and neither have they',
      [after, [], {}],
      { due: false, next: null, reason: 'waits for a success of a, b' },
    ],
    [
      'never, and one of them has',
      [after, [], { a: '09:00', b: null }],
      { due: false, reason: 'waits for a success of b' },
    ],
    [
      'never, and all of them have',
      [after, [], { a: '09:00', b: '10:00' }],
      { due: true, trigger: 'after', next: '12:00', reason: 'after b, which succeeded 10:00 UTC' },
    ],
    ['before all of them', [after, [succeeded('08:00')], { a: '09:00', b: '10:00' }], { due: true }],
    ['before one of them', [after, [succeeded('09:30')], { a: '09:00', b: '10:00' }], { due: false, next: null }],
    [
      'at the very instant at which one ended',
      [after, [succeeded('09:00')], { a: '09:00', b: '10:00' }],
      { due: false },
    ],
    ['after them', [after, [succeeded('11:00')], { a: '09:00', b: '10:00' }], { due: false }],
    ['and failed since', [after, [succeeded('08:00'), failed('11:00')], { a: '09:00', b: '10:00' }], { due: true }],
    [
      'and failed since, with a wait',
      [{ ...after, retryAfterFailureMins: 90 }, [failed('11:00')], { a: '09:00', b: '10:00' }],
      { due: false, next: '12:30', reason: 'retry not before 12:30 UTC' },
    ],
    ['with ends of a clock that was wrong', [after, [], { a: '13:00', b: '10:00' }], { due: false }],
    [
      'on a day that is not its own',
      [{ ...after, except: '2026-06-01' }, [], { a: '09:00', b: '10:00' }],
      { due: false, next: '00:00', reason: 'not on 2026-06-01, which is excluded' },
    ],
    [
      'with an interval that is due',
      [{ ...after, runEveryMins: 60 }, [succeeded('08:00')], { a: '07:00', b: null }],
      { due: true, trigger: 'interval' },
    ],
  ])('and succeeded %s', (_, input, expected) => {
    expect(decide(...input)).toMatchObject(expected);
  });

  it('runs once for each of their successes, as simulated', () => {
    const played = everyMinutes(at('08:00'), at('12:00'), 5);
    const runs = simulate(new Schedule({ runsAfter: ['a', 'b'] }), played, {
      timeZone: 'UTC',
      successEnds: { a: [at('08:01'), at('10:01')], b: [at('09:01'), at('09:31'), at('11:01')] },
    });
    expect(runs.filter(({ due }) => due).map(run => run.at.toISOString().slice(11, 16))).toEqual(['09:05', '10:05']);
  });
});
