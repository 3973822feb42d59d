import type { Options } from '@mikro-orm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableName } from '../../src/database/ourTables.ts';
import {
  cron,
  cronEntities,
  CronJobLock,
  CronJobLog,
  defineCronJob,
  getCronRunner,
  Schedule,
} from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

// The servers' session zones are +12:45; the process has another, in which an hour comes twice and one never.
process.env['TZ'] = 'Europe/Prague';

const instants = {
  summer: '2026-07-01T10:00:00.123Z',
  'the first 02:30 of the overlap': '2026-10-25T00:30:00.001Z',
  'the second 02:30 of the overlap': '2026-10-25T01:30:00.999Z',
  'the instant of the gap': '2026-03-29T01:00:00.000Z',
  'a leap day': '2028-02-29T23:59:59.999Z',
};

describeDrivers('an instant', driver => {
  let database: DriverDatabase;

  beforeAll(async () => {
    database = await driver.create();
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  describe.each([
    ['MikroORM’s defaults', {}],
    ['forceUtcTimezone off', { forceUtcTimezone: false }],
    ["timezone '+02:00'", { forceUtcTimezone: false, timezone: '+02:00' }],
    ["timezone '-08:00'", { forceUtcTimezone: false, timezone: '-08:00' }],
    ["timezone 'local'", { forceUtcTimezone: false, timezone: 'local' }],
    ["timezone '+02:00' beside forceUtcTimezone", { timezone: '+02:00' }],
  ] as [string, Partial<Options>][])('under %s', (_, options) => {
    const host = async () => {
      const ran = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'ran' });
      const orm = await database.init({ entities: cronEntities, extensions: [cron({ jobs: [ran] })], ...options });
      return Object.assign(orm, { [Symbol.asyncDispose]: () => orm.close(true) });
    };
    const row = { code: 'a', status: 'succeeded' as const, message: '', host: '', pid: 1 };

    it.each(Object.entries(instants))('is the same by entity and by SQL: %s', async (__, iso) => {
      await using orm = await host();
      await database.sql('delete from cron_job_log');
      const instant = new Date(iso);
      const { dialect } = database;
      await orm.em.fork().insert(CronJobLog, { ...row, startTime: instant, endTime: null });
      const written = `update ${tableName(orm.em, CronJobLog)} set end_time = ${dialect.instant(String(instant.getTime()))}`;
      await orm.em.fork().execute(written);

      const [log] = await orm.em
        .fork()
        .find(CronJobLog, { startTime: instant, endTime: { $gte: instant, $lte: instant } });
      expect(log?.startTime).toEqual(instant);
      expect(log?.endTime).toEqual(instant);
      const [read] = await orm.em
        .fork()
        .execute(
          `select ${dialect.millis('start_time')} as start, ${dialect.millis('end_time')} as ending,` +
            ` case when start_time = end_time then 1 else 0 end as same from cron_job_log`,
        );
      expect(read).toEqual({ start: instant.getTime(), ending: instant.getTime(), same: 1 });
    });

    it('is what the database says is now', async () => {
      await using orm = await host();
      const { dialect } = database;
      const [read] = await orm.em.fork().execute<{ now: number }[]>(`select ${dialect.millis(dialect.now)} as now`);
      expect(Math.abs((read?.now ?? 0) - Date.now())).toBeLessThan(5_000);
    });

    it('is the same in a run’s row, in its lock and in the process', async () => {
      await using orm = await host();
      await database.sql('delete from cron_job_log');
      await getCronRunner(orm).run();
      const em = orm.em.fork();
      const log = await em.findOneOrFail(CronJobLog, { code: 'a' });
      const lock = await em.findOneOrFail(CronJobLock, { code: 'a' });
      for (const instant of [log.startTime, log.endTime, lock.lockedAt]) {
        expect(Math.abs(instant!.getTime() - Date.now())).toBeLessThan(10_000);
      }
      // PostgreSQL rounds what it stores to the millisecond.
      expect(Math.abs(lock.lockedUntil!.getTime() - lock.lockedAt!.getTime() - 300_000)).toBeLessThan(2);
    });

    it('is not written again when a host changes something else of the row', async () => {
      await using orm = await host();
      await database.sql('delete from cron_job_log');
      await orm.em.fork().insert(CronJobLog, { ...row, startTime: new Date(instants.summer), endTime: null });
      const em = orm.em.fork();
      const log = await em.findOneOrFail(CronJobLog, { code: 'a' });
      log.message = 'changed';
      em.getUnitOfWork().computeChangeSets();
      expect(
        em
          .getUnitOfWork()
          .getChangeSets()
          .map(({ payload }) => payload),
      ).toEqual([{ message: 'changed' }]);
      await em.flush();
    });
  });
});
