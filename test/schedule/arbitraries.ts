import fc from 'fast-check';
import type { ScheduleOptions, Weekday } from '../../src/index.ts';
import type { Tick } from '../../src/testing/index.ts';

/** Zones of every kind: none, half and quarter hours, half an hour of DST, clocks that change at midnight, far east and west. */
export const ZONES = [
  'UTC',
  'Europe/Prague',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];

/** Nights in which clocks change somewhere, and a leap day and the turn of a year. */
const NIGHTS = [
  '2026-03-08T06:00Z',
  '2026-03-29T00:00Z',
  '2026-10-25T00:00Z',
  '2026-11-01T05:00Z',
  '2026-04-04T12:00Z',
  '2026-10-03T14:00Z',
  '2026-09-05T22:00Z',
  '2026-04-04T22:00Z',
  '2026-04-23T20:00Z',
  '2026-10-29T19:00Z',
  '2026-03-28T20:00Z',
  '2028-02-28T22:00Z',
  '2026-12-31T20:00Z',
].map(night => Date.parse(night));

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEKDAYS: Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

export const zone = fc.constantFrom(...ZONES);

/** A whole minute near a night in which something happens, or anywhere in three years. */
export const start = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NIGHTS), fc.integer({ min: -36 * 60, max: 12 * 60 }))
    .map(([night, by]) => night + by * MINUTE),
  fc.integer({ min: 0, max: 3 * 365 * 24 * 60 }).map(minutes => Date.UTC(2026, 0, 1) + minutes * MINUTE),
);

export const time = fc
  .oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 240 }), fc.constantFrom(0, 1, 1438, 1439))
  .map(minutes => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`);

const days = {
  runWeeklyOnDays: fc.subarray(WEEKDAYS, { minLength: 1 }),
  runMonthlyOnDays: fc.uniqueArray(
    fc.integer({ min: -31, max: 31 }).filter(day => day !== 0),
    { minLength: 1, maxLength: 8 },
  ),
};

const cron = fc.constantFrom(
  '*/15 * * * *',
  '30 2 * * *',
  '0 0 * * *',
  '5,35 1-3 * * *',
  '0 */6 * * mon-fri',
  '0 9 * * mon#1',
  '15 3 L * *',
  '@daily',
  '@hourly',
);

/** Drops the keys without a value: what a host would not have written. */
function given<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Days excluded here and there, one to three in a row, none of them by chance for ever. */
const isExcluded = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 3 }))
  .map(([every, first, length]) => (day: string) => {
    const at = (Date.parse(`${day}T00:00Z`) / DAY + first) % (every + length);
    return at < length;
  });

/** Stretches near the nights in which something happens. */
const range = fc
  .tuple(fc.constantFrom(...NIGHTS), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 5 }))
  .map(([night, by, length]) => {
    const [from, to] = [by, by + length].map(days => new Date(night + days * DAY).toISOString().slice(0, 10));
    return length === 0 ? from! : `${from}/${to}`;
  });

const exclusion = fc.record({
  except: fc.oneof(range, isExcluded, fc.array(fc.oneof(range, isExcluded), { minLength: 1, maxLength: 3 })),
  onExcluded: fc.constantFrom('skip' as const, 'next' as const, undefined),
});

/** Schedules with excluded days or without. */
function withExclusion<Options extends object>(options: fc.Arbitrary<Options>): fc.Arbitrary<Options> {
  return fc
    .tuple(options, fc.option(exclusion, { nil: {} }))
    .map(([plain, more]) => given({ ...plain, ...more }) as never);
}

const common = {
  retryAfterFailureMins: maybe(fc.integer({ min: 1, max: 600 })),
  runWeeklyOnDays: maybe(days.runWeeklyOnDays),
  runMonthlyOnDays: maybe(days.runMonthlyOnDays),
  runToleranceSeconds: maybe(fc.constantFrom(0, 60, 120)),
  missedRuns: maybe(fc.constantFrom('once' as const, 'each' as const)),
  startingDeadlineMins: maybe(fc.integer({ min: 5, max: 3 * 24 * 60 })),
};

/** Schedules of run-at times alone. */
export const timesOnly: fc.Arbitrary<ScheduleOptions & { runAtTimes: string[] }> = withExclusion(
  fc.record({ ...common, runAtTimes: fc.uniqueArray(time, { minLength: 1, maxLength: 4 }) }).map(given),
) as never;

/** Schedules of an interval alone. */
export const intervalOnly: fc.Arbitrary<ScheduleOptions & { runEveryMins: number }> = fc
  .record({ ...common, runEveryMins: fc.integer({ min: 1, max: 3_000 }) })
  .map(given) as never;

/** Codes, by which starts are spread. */
export const code = fc.constantFrom('billing.import', 'billing.invoices', 'a', 'reports.daily', 'ž');

/** Schedules of every kind. */
export const anySchedule: fc.Arbitrary<ScheduleOptions> = withExclusion(
  fc
    .record({
      ...common,
      runAtTimes: maybe(fc.uniqueArray(time, { minLength: 1, maxLength: 4 })),
      runEveryMins: maybe(fc.integer({ min: 0, max: 3_000 })),
      cron: maybe(cron),
      spreadMins: maybe(fc.integer({ min: 0, max: 60 })),
    })
    .filter(({ runAtTimes, runEveryMins, cron: pattern }) =>
      [runAtTimes, runEveryMins, pattern].some(v => v !== undefined),
    )
    // A spread is less than a deadline that is set.
    .filter(({ spreadMins = 0, startingDeadlineMins = Infinity }) => spreadMins < startingDeadlineMins)
    .map(given),
) as never;

/** Ticks at whole minutes over some days, at any spacing, whose runs succeed or fail. */
export const ticks: fc.Arbitrary<Tick[]> = fc
  .tuple(
    start,
    fc.array(
      fc.record({
        gap: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 2 * 24 * 60 })),
        outcome: fc.constantFrom('success' as const, 'success' as const, 'failure' as const),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  )
  .map(([from, steps]) => {
    let at = from;
    return steps.map(({ gap, outcome }) => {
      at += gap * MINUTE;
      return { at: new Date(at), outcome };
    });
  });

export { DAY, MINUTE };
