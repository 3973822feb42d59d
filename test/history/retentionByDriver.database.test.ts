import { afterAll, beforeAll, expect, it } from 'vitest';
import { cron, cronEntities, CronJobLog, defineCronJob, getCronRunner, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const NOW = '2026-03-31T12:00:00Z';

describeDrivers('retention', driver => {
  let database: DriverDatabase;

  beforeAll(async () => {
    database = await driver.create();
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  it.each([
    ['by the settings’ clock', new SettableClock(NOW), Date.parse(NOW)],
    ['by the database’s time', undefined, Date.now()],
  ])('deletes what is old and dispensable, %s', async (_, clock, now) => {
    const job = (code: string, options: object = {}) =>
      defineCronJob({ code, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined, ...options });
    const jobs = [job('a'), job('b', { minNumFailures: 1 }), job('c'), job('d', { removeSuccessfulLogs: true })];
    const orm = await database.init({ entities: cronEntities, extensions: [cron({ jobs, ...(clock && { clock }) })] });
    const runner = getCronRunner(orm);
    const row = (code: string, days: number, status: CronJobLog['status'], slot: string | null = null) => {
      const startTime = new Date(now - days * 86_400_000);
      const rest = { ranAtTime: slot, scheduledFor: slot && startTime, message: '', host: '', pid: 1 };
      return { code, status, startTime, endTime: status === 'running' ? null : startTime, ...rest };
    };
    await database.sql('delete from cron_job_log');
    await orm.em.fork().insertMany(CronJobLog, [
      ...Array.from({ length: 1_500 }, (__, index) => row('a', 40 + index, 'succeeded')),
      row('a', 29, 'succeeded'),
      row('b', 50, 'succeeded', '06:30'),
      row('b', 49, 'succeeded', '18:00'),
      row('b', 48, 'succeeded', '06:30'),
      row('b', 47, 'failed'),
      row('b', 46, 'failed'),
      row('c', 90, 'running'),
      row('d', 12, 'succeeded'),
      row('d', 11, 'succeeded'),
      // Of programs that the runner knows nothing about, or of codes as they were once.
      row('A', 95, 'succeeded'),
      row('A', 94, 'succeeded'),
      ...Array.from({ length: 11 }, (__, index) => row('theirs', 70 + index, 'failed')),
    ]);
    const left = async () => {
      const logs = await orm.em.fork().find(CronJobLog, {}, { orderBy: { startTime: 'asc' } });
      return logs.map(({ code, startTime }) => `${code} ${Math.round((now - startTime.getTime()) / 86_400_000)}`);
    };
    expect(await runner.prune(30)).toBe(1_503);
    const ours = ['b 49', 'b 48', 'b 46', 'a 29', 'd 11'];
    const theirs = ['theirs 79', 'theirs 78', 'theirs 77', 'theirs 76', 'theirs 75'];
    theirs.push('theirs 74', 'theirs 73', 'theirs 72', 'theirs 71', 'theirs 70');
    expect(await left()).toEqual(['A 95', 'A 94', 'c 90', 'theirs 80', ...theirs, ...ours]);
    expect(await runner.countUnknown(30)).toEqual({ rows: 2, codes: 2 });
    expect(await runner.prune(30, { allCodes: true })).toBe(2);
    expect(await left()).toEqual(['A 94', 'c 90', ...theirs, ...ours]);
    expect(await runner.countUnknown(30)).toEqual({ rows: 0, codes: 0 });
    await orm.close(true);
  });
});
