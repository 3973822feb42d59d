import { historyOf, isDue, nextRun, Schedule, type ScheduleOptions } from '../src/index.ts';
import { figures } from './measure.ts';

/** What deciding costs: 1,000 jobs of mixed schedules in one tick, by how long ago they ran and by their deadline. */
const JOBS = 1_000;
const ROUNDS = 41;
const NOW = Date.parse('2026-10-25T00:30:00Z');
const HOUR = 3_600_000;

const kinds: Record<string, ScheduleOptions> = {
  interval: { runEveryMins: 120, retryAfterFailureMins: 5 },
  times: { runAtTimes: ['06:30', '18:00'] },
  'times on days': { runAtTimes: ['06:30'], runWeeklyOnDays: ['monday'], runMonthlyOnDays: [1, -1] },
  both: { runEveryMins: 120, runAtTimes: ['02:30'] },
  'cron pattern': { cron: '*/15 * * * *' },
  'cron time': { cron: '30 6 * * mon-fri' },
};
const zones = ['Europe/Prague', 'America/New_York', 'UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

/** Milliseconds to decide about all jobs: each round at another instant, as ticks come. */
function decide(
  options: ScheduleOptions[],
  ranAgo: number,
  ask: typeof isDue | typeof nextRun = isDue,
  rounds = ROUNDS,
): number {
  const schedules = Array.from({ length: JOBS }, (_, index) => {
    const { cron, ...rest } = options[index % options.length]!;
    // No two cron times are alike, else one would be found for all.
    const own = cron && { cron: cron.replace('30 6', `${index % 60} ${index % 24}`) };
    return new Schedule({ ...rest, ...own, timeZone: zones[index % zones.length]! });
  });
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const now = new Date(NOW + round * 300_000);
    const ran = new Date(now.getTime() - ranAgo);
    const history = historyOf([{ startTime: ran, isSuccess: true, scheduledFor: null }], now);
    const startedAt = performance.now();
    for (const schedule of schedules) {
      ask(schedule, history, now, 'UTC');
    }
    values.push(performance.now() - startedAt);
  }
  return figures(values).median;
}

const round = (value: number) => Math.round(value * 100) / 100;
const all = Object.values(kinds);
/** Milliseconds of the first tick of a process, which crontab starts anew each time. */
const first = decide(Object.values(kinds), HOUR, isDue, 1);
const row = (millis: number, than?: number) => ({
  'ms for 1,000 jobs': round(millis),
  'µs per job': round((millis / JOBS) * 1_000),
  ...(than === undefined ? {} : { ratio: round(millis / than) }),
});

decide(all, HOUR);
const recent = decide(all, HOUR);
const table: Record<string, object> = {
  'mixed, the first tick of a process': row(first, recent),
  'mixed, ran an hour ago': row(recent, recent),
};
table['mixed, ran three years ago'] = row(decide(all, 3 * 365 * 24 * HOUR), recent);
const withDeadline = (startingDeadlineMins: number) => all.map(options => ({ ...options, startingDeadlineMins }));
table['mixed, deadline 60 minutes'] = row(decide(withDeadline(60), HOUR), recent);
table['mixed, deadline 500,000 minutes'] = row(decide(withDeadline(500_000), HOUR), recent);
table['mixed, nextRun'] = row(decide(all, HOUR, nextRun), recent);
for (const [kind, options] of Object.entries(kinds)) {
  table[kind] = row(decide([options], HOUR), recent);
}
console.log(`isDue, median of ${ROUNDS} ticks`);
console.table(table);
