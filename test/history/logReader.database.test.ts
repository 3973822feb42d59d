import { DatabaseSchema, type SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTables, ourEntities } from '../../src/commands/check/compareTables.ts';
import type { RunStatus } from '../../src/history/CronJobLog.ts';
import { type LogFilter, LogReader } from '../../src/history/LogReader.ts';
import { readLastRuns } from '../../src/history/readLastRuns.ts';
import {
  cron,
  cronEntities,
  CronJobLock,
  CronJobLog,
  defineCronJob,
  getCronRunner,
  type LogsOptions,
  Schedule,
} from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const at = (time: string) => new Date(`2026-03-01T${time}:00Z`);

const clock = new SettableClock(at('12:00'));

describeDrivers('what operators read', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;

  beforeAll(async () => {
    database = await driver.create();
    const jobs = ['a', 'b', 'c'].map(code =>
      defineCronJob({ code, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined }),
    );
    orm = await database.init({ entities: cronEntities, extensions: [cron({ jobs, clock, timeZone: 'UTC' })] });
    const row = (code: string, status: RunStatus, start: string, end: string | null, message = '') => ({
      ...{ code, status, startTime: at(start), endTime: end === null ? null : at(end), message },
      ...{ ranAtTime: null, scheduledFor: null, host: 'web-1', pid: 7 },
    });
    await orm.em
      .fork()
      .insertMany(CronJobLog, [
        row('a', 'failed', '08:00', '08:01'),
        row('a', 'succeeded', '09:00', '09:30', 'Sent 100% of them'),
        row('a', 'failed', '10:00', '10:01', 'Příliš žluťoučký kůň 💾'),
        row('a', 'abandoned', '10:30', '10:31'),
        row('a', 'running', '11:00', null),
        row('b', 'timed_out', '11:30', '11:31'),
        row('b', 'succeeded', '11:40', '11:41', 'fine'),
        row('gone', 'failed', '11:50', '11:51'),
      ]);
  }, 120_000);
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const ids = async (filter: LogFilter, limit = 10, before?: number) => {
    const logs = await new LogReader(orm, clock).list(filter, limit, before);
    return logs.map(({ id }) => id);
  };

  it('reads the newest run and the failure streak of each job', async () => {
    const { jobs: runs } = await readLastRuns(orm.em.fork(), [{ code: 'a' }, { code: 'b' }, { code: 'c' }], clock);
    expect(runs.get('a')).toMatchObject({
      failureStreak: 2,
      log: { id: 5, status: 'running', startTime: at('11:00') },
    });
    expect(runs.get('b')).toMatchObject({ failureStreak: 0, log: { id: 7, endTime: at('11:41') } });
    expect(runs.get('c')).toMatchObject({ failureStreak: 0, log: null });
    const earlier = await readLastRuns(orm.em.fork(), [{ code: 'b' }], new SettableClock(at('11:35')));
    expect(earlier.jobs.get('b')?.failureStreak).toBe(1);
  });

  describe('reads the log', () => {
    it('newest first, in pages', async () => {
      expect(await ids({})).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await ids({}, 3, 7)).toEqual([6, 5, 4]);
    });

    it('with filters', async () => {
      expect(await ids({ codes: ['b', 'gone'] })).toEqual([8, 7, 6]);
      expect(await ids({ statuses: ['failed', 'abandoned'] })).toEqual([8, 4, 3, 1]);
      expect(await ids({ since: at('10:30'), until: at('11:40') })).toEqual([7, 6, 5, 4]);
      expect(await ids({ longerThanMillis: 5 * 60_000 })).toEqual([5, 2]);
      expect(await ids({ grep: '100% OF' })).toEqual([2]);
      expect(await ids({ grep: '💾' })).toEqual([3]);
      expect(await ids({ grep: '0_%' })).toEqual([]);
    });

    it('and knows the codes in it', async () => {
      expect(await new LogReader(orm, clock).codes()).toEqual(['a', 'b', 'gone']);
    });

    it('with texts and times as they were written', async () => {
      expect(await new LogReader(orm, clock).one(3)).toMatchObject({
        message: 'Příliš žluťoučký kůň 💾',
        startTime: at('10:00'),
        duration: 60_000,
      });
    });
  });

  describe('runner.logs()', () => {
    const listed = async (options: LogsOptions) => (await getCronRunner(orm).logs(options)).map(({ id }) => id);

    it('takes the filters of cron:log, as values or as its texts', async () => {
      expect(await listed({})).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await listed({ codes: [], statuses: [] })).toHaveLength(8);
      expect(await listed({ codes: ['b', 'g*'] })).toEqual([8, 7, 6]);
      expect(await listed({ failed: true })).toEqual([8, 6, 4, 3, 1]);
      expect(await listed({ since: '90m', until: at('11:40') })).toEqual([7, 6, 5, 4]);
      expect(await listed({ until: '2026-03-01 09:00' })).toEqual([2, 1]);
      expect(await listed({ longerThan: '5m' })).toEqual([5, 2]);
      expect(await listed({ longerThan: 60_000, statuses: ['succeeded'], grep: 'SENT' })).toEqual([2]);
    });

    it('gives pages by the id before', async () => {
      expect(await listed({ limit: 3 })).toEqual([8, 7, 6]);
      expect(await listed({ limit: 3, before: 6 })).toEqual([5, 4, 3]);
      expect(await listed({ limit: 3, before: 1 })).toEqual([]);
    });

    it.each<[LogsOptions, string]>([
      [{ limit: 0 }, 'CronRunner.logs(): limit 0 is not allowed; it must be a whole number from 1'],
      [{ before: 1.5 }, 'CronRunner.logs(): before 1.5 is not allowed'],
      [{ since: new Date(NaN) }, 'CronRunner.logs(): since Date {} is not allowed; it must be a valid Date or a text'],
      [{ until: 'soon' }, "CronRunner.logs(): until: 'soon' is not allowed"],
      [{ longerThan: '5' }, "CronRunner.logs(): longerThan: '5' is not allowed"],
      [{ longerThan: -1 }, 'CronRunner.logs(): longerThan -1 is not allowed'],
      [{ grep: 'a\0b' }, 'CronRunner.logs(): grep'],
      [{ failed: true, statuses: ['running'] }, 'failed and statuses are mutually exclusive'],
      [{ codes: ['d'] }, "There is no job 'd' and no run of one; known codes: a, b, c, gone"],
    ])('refuses %j', async (options, message) => {
      await expect(listed(options)).rejects.toThrow(message);
    });

    it('and runner.log() gives one run, or null', async () => {
      const runner = getCronRunner(orm);
      expect(await runner.log(3)).toMatchObject({ code: 'a', message: 'Příliš žluťoučký kůň 💾' });
      expect(await runner.log(99)).toBeNull();
      await expect(runner.log(0)).rejects.toThrow('CronRunner.log(): id 0 is not allowed');
    });
  });

  it('reads who holds locks, and frees one', async () => {
    const lock = { owner: 'token', host: 'web-2', pid: 42, lockedAt: at('11:59') };
    await orm.em.fork().insertMany(CronJobLock, [
      { code: 'a', ...lock, lockedUntil: at('12:04') },
      { code: 'b', ...lock, lockedUntil: at('11:59') },
    ]);
    const runner = getCronRunner(orm);
    const holder = { host: 'web-2', pid: 42, since: at('11:59'), until: at('12:04') };
    const { holders, problems } = await runner.holders();
    expect(problems).toEqual([]);
    expect(Object.fromEntries(holders)).toEqual({ a: holder, b: null, c: null });

    await expect(runner.unlock('a', { heldBy: { ...holder, pid: 41 } })).rejects.toThrow(
      /^a is now locked by web-2, pid 42, since .+; nothing was changed$/,
    );
    expect((await runner.holders()).holders.get('a')).toEqual(holder);
    expect(await runner.unlock('a', { heldBy: holder })).toEqual(holder);
    expect(await runner.unlock('a')).toBeNull();
    await expect(runner.unlock('*')).rejects.toThrow('CronRunner.unlock(): "*" matches several jobs; name one');
  });

  it('finds the shipped tables in order, and a column that is missing', async () => {
    const there = () =>
      DatabaseSchema.create(
        orm.em.getConnection(),
        orm.driver.getPlatform(),
        orm.config,
        undefined,
        undefined,
        ourEntities(orm).map(({ tableName }) => tableName),
      );
    expect(compareTables(await there(), orm)).toEqual([]);
    await orm.em.fork().execute('alter table cron_job_log drop column ran_at_time');
    expect(compareTables(await there(), orm)).toEqual(['cron_job_log has no column ran_at_time']);
  });
});
