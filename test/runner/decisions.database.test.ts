import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defineCronJob, Schedule, type ScheduleOptions } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';

interface Case {
  id: number;
  timeZone: string;
  schedule: ScheduleOptions;
  ticks: [at: string, outcome: 's' | 'f', seconds: number][];
  expected: Record<'once' | 'each', (0 | string)[]>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/decisions.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
/** A sample, since each tick is a whole one, statements and all. */
const sample = cases.filter(({ ticks }) => ticks.length <= 60).filter((_, index) => index % 5 === 0);

describe('through the whole runner', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  describe.each(['once', 'each'] as const)('with missedRuns %s a job runs as the reference decides', missedRuns => {
    it.each(sample.map(item => [item.id, item] as const))(
      'case %i',
      async (_, { timeZone, schedule, ticks, expected }) => {
        const clock = new SettableClock(new Date(0));
        let outcome = 's';
        const job = defineCronJob({
          code: 'a',
          schedule: new Schedule({ ...schedule, missedRuns }),
          do: () => {
            if (outcome === 'f') {
              throw new Error('as the reference has it');
            }
          },
        });
        await using app = await createTestHost(database, { jobs: [job], timeZone, clock });
        const played: (0 | string)[] = [];
        let busyUntil = -Infinity;
        for (const [at, how, seconds] of ticks) {
          outcome = how;
          clock.set(at);
          const now = clock.now().getTime();
          // In the reference a long run holds its lock over the ticks that come meanwhile.
          if (now < busyUntil) {
            played.push(0);
            continue;
          }
          const report = (await app.runner.run()).jobs[0]!;
          played.push(report.log ? `${how.toUpperCase()}${report.log.ranAtTime ?? ''}` : 0);
          busyUntil = report.log ? now + seconds * 1_000 : busyUntil;
        }
        expect(played).toEqual(expected[missedRuns]);
      },
    );
  });

  describe('getTimeUntilRun()', () => {
    const until = async (options: ScheduleOptions, ranAt: string | null, now: string) => {
      const clock = new SettableClock(ranAt ?? now);
      const job = defineCronJob({ code: 'a', schedule: new Schedule(options), do: () => 'ran' });
      await using app = await createTestHost(database, { jobs: [job], timeZone: 'Europe/Prague', clock });
      await app.runner.jobs();
      if (ranAt !== null) {
        await app.runner.run();
      }
      clock.set(now);
      return (await job.getTimeUntilRun())?.toISO() ?? null;
    };

    it.each<[string, ScheduleOptions, string | null, string, string | null]>([
      ['zero when it is due', { runEveryMins: 60 }, null, '2026-06-01T08:00:00Z', 'PT0S'],
      ['an interval', { runEveryMins: 60 }, '2026-06-01T08:00:00Z', '2026-06-01T08:15:00Z', 'PT45M'],
      ['a time of day', { runAtTimes: ['12:00'] }, null, '2026-06-01T08:30:00Z', 'PT1H30M'],
      ['both', { runEveryMins: 240, runAtTimes: ['12:00'] }, '2026-06-01T08:00:00Z', '2026-06-01T09:00:00Z', 'PT1H'],
      ['a cron expression', { cron: '0 12 * * *' }, null, '2026-06-01T09:00:00Z', 'PT1H'],
      [
        'a slot that has been served',
        { runAtTimes: ['10:00'] },
        '2026-06-01T08:00:00Z',
        '2026-06-01T09:00:00Z',
        'PT23H',
      ],
      [
        'over a night in which the clocks change',
        { runAtTimes: ['10:00'] },
        '2026-10-24T08:00:00Z',
        '2026-10-24T09:00:00Z',
        'PT24H',
      ],
      ['null when it never comes', { cron: '0 0 31 2 *' }, null, '2026-06-01T08:00:00Z', null],
    ])('%s', async (_, options, ranAt, now, expected) => {
      const actual = await until(options, ranAt, now);
      expect(actual === null ? null : toMinutes(actual)).toBe(expected === null ? null : toMinutes(expected));
    });

    it('of a job that no runner has registered says what to do', async () => {
      const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'ran' });
      await expect(job.getTimeUntilRun()).rejects.toThrow(/no runner has registered it; list it in cron\(\{ jobs \}\)/);
    });
  });

  it('getPrevSuccessCron() gives the newest success before the present run, within the run too', async () => {
    const clock = new SettableClock('2026-06-01T08:00:00Z');
    const seen: unknown[] = [];
    const job = defineCronJob({
      code: 'a',
      schedule: new Schedule({ runEveryMins: 0 }),
      do: async () => {
        seen.push((await job.getPrevSuccessCron())?.startTime.toISOString() ?? null);
      },
    });
    await using app = await createTestHost(database, { jobs: [job], clock });
    await app.runner.run();
    clock.advance(60);
    await app.runner.run();
    expect(seen).toEqual([null, '2026-06-01T08:00:00.000Z']);
    expect((await job.getPrevSuccessCron())?.startTime).toEqual(new Date('2026-06-01T08:01:00Z'));
  });
});

function toMinutes(iso: string): number {
  const [, hours = '0', minutes = '0', seconds = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(iso) ?? [];
  return Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
}
