import { afterAll, beforeAll, expect, it } from 'vitest';
import { Retention } from '../../src/history/Retention.ts';
import { cron, cronEntities, CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';
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
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const orm = await database.init({ entities: cronEntities, extensions: [cron({ jobs: [job] })] });
    const row = (code: string, days: number, status: CronJobLog['status'], slot: string | null = null) => {
      const startTime = new Date(now - days * 86_400_000);
      const rest = { ranAtTime: slot, scheduledFor: slot && startTime, message: '', host: '', pid: 1 };
      return { code, status, startTime, endTime: status === 'running' ? null : startTime, ...rest };
    };
    await database.sql('delete from cron_job_log');
    await orm.em
      .fork()
      .insertMany(CronJobLog, [
        ...Array.from({ length: 1_500 }, (__, index) => row('a', 40 + index, 'succeeded')),
        row('a', 29, 'succeeded'),
        row('b', 50, 'succeeded', '06:30'),
        row('b', 49, 'succeeded', '18:00'),
        row('b', 48, 'succeeded', '06:30'),
        row('b', 47, 'failed'),
        row('b', 46, 'failed'),
        row('c', 90, 'running'),
      ]);
    expect(await new Retention(orm, clock, 1).deleteOlderThan(30)).toBe(1_502);
    const left = await orm.em.fork().find(CronJobLog, {}, { orderBy: { startTime: 'asc' } });
    const age = ({ startTime }: CronJobLog) => Math.round((now - startTime.getTime()) / 86_400_000);
    expect(left.map(log => [log.code, age(log)])).toEqual([
      ['c', 90],
      ['b', 49],
      ['b', 48],
      ['b', 46],
      ['a', 29],
    ]);
    await orm.close(true);
  });
});
