import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CronSettings, defineCronJob, FailedRunsNotificationCronJob, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { runCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost, recordEvents } from '../helpers/host.ts';

const NOW = '2026-03-31T12:00:00Z';

describe('retention', () => {
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

  const host = (settings: Partial<CronSettings>, jobs = [job('a')]) =>
    createTestHost(database, { jobs, timeZone: 'UTC', clock: new SettableClock(NOW), ...settings });
  const job = (code: string, options: object = {}) =>
    defineCronJob({ code, schedule: new Schedule({ runEveryMins: 0 }), do: () => 'ran', ...options });
  /** A finished run that started so many days ago. */
  const run = (days: number, { code = 'a', status = 'succeeded', slot = null as string | null } = {}) =>
    database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, ran_at_time, scheduled_for, host, pid)
       select ?::text, t, t + interval '1 second', ?::text, '', ?::text, case when ?::text is null then null else t end, 'h', 1
       from (select timestamptz '${NOW}' - interval '${days} days' as t) s`,
      [code, status, slot, slot],
    );
  /** The ages in days of the rows that are left, oldest first. */
  const ages = async (code = 'a') =>
    (
      await database.sql<{ days: number }>(
        `select round(extract(epoch from timestamptz '${NOW}' - start_time) / 86400)::int as days
         from cron_job_log where code = ? order by start_time`,
        [code],
      )
    ).map(({ days }) => days);

  it('deletes what ended longer ago after a tick in which something ran, and says so', async () => {
    for (const days of [40, 31, 29]) {
      await run(days);
    }
    const { onEvent, events } = recordEvents();
    await using app = await host({ deleteLogsOlderThanDays: 30 });
    await app.runner.run({ onEvent });
    expect(await ages()).toEqual([29, 0]);
    expect(events.find(({ type }) => type === 'pruned')).toMatchObject({ rows: 2 });
  });

  it('keeps the failures in a row that a notification counts, however old, and no more of them', async () => {
    await run(101, { status: 'failed' });
    await run(100);
    for (const days of [60, 50, 40, 35]) {
      await run(days, { status: 'failed' });
    }
    await using app = await host({}, [job('a', { minNumFailures: 3 })]);
    await app.runner.prune(30);
    expect(await ages()).toEqual([100, 50, 40, 35]);
  });

  it('keeps the newest run, the newest success, and the newest success of each slot time, however old', async () => {
    await run(400, { slot: '06:30' });
    await run(399, { slot: '18:00' });
    await run(398, { slot: '06:30' });
    await run(397);
    await run(396);
    await run(395, { status: 'failed' });
    await run(394, { status: 'failed' });
    await using app = await host({});
    expect(await app.runner.prune(30)).toBe(2);
    expect(await ages()).toEqual([399, 398, 396, 395, 394]);
  });

  it('keeps as many failures of each job as its own notification counts', async () => {
    for (const days of [70, 60, 50, 40]) {
      await run(days, { status: 'failed' });
      await run(days, { code: 'b', status: 'timed_out' });
    }
    await using app = await host({}, [job('a', { minNumFailures: 1 }), job('b', { minNumFailures: 3 })]);
    await app.runner.prune(30);
    expect(await ages('a')).toEqual([40]);
    expect(await ages('b')).toEqual([60, 50, 40]);
  });

  it('counts only failures up to now: no running row, none dated in the future', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, status, message, host, pid) values ('a', timestamptz '${NOW}' - interval '1 day', 'running', '', 'h', 1)`,
    );
    await run(-5, { status: 'failed' });
    for (const days of [60, 50, 40]) {
      await run(days, { status: 'failed' });
    }
    await using app = await host({}, [job('a', { minNumFailures: 2 })]);
    expect(await app.runner.prune(30)).toBe(1);
    expect(await ages()).toEqual([50, 40, 1, -5]);
  });

  describe('after a tick of some jobs', () => {
    const told: string[] = [];
    const jobs = () => [
      job('a', { minNumFailures: 1, tags: ['some'] }),
      job('b'),
      new FailedRunsNotificationCronJob(),
      job('c', { removeSuccessfulLogs: true }),
    ];
    const notifiers = [{ name: 'test', notify: async ({ subject }: { subject: string }) => void told.push(subject) }];

    it.each([{ jobs: ['a'] }, { tags: ['some'] }])(
      '%j, keeps what the others need, and they are told of',
      async only => {
        told.length = 0;
        for (let days = 40; days < 52; days++) {
          await run(days, { code: 'b', status: 'failed' });
        }
        await using app = await host({ deleteLogsOlderThanDays: 30, notifiers }, jobs());
        await app.runner.run(only);
        expect(await ages('b')).toEqual([49, 48, 47, 46, 45, 44, 43, 42, 41, 40]);
        await app.runner.run({ jobs: ['FailedRunsNotificationCronJob'] });
        expect(told).toEqual([expect.stringContaining('b failed 10 times in a row')]);
      },
    );

    it('deletes what is old of all jobs', async () => {
      for (const days of [3, 2, 1]) {
        await run(days, { code: 'c' });
      }
      await run(41, { code: 'b' });
      await run(40, { code: 'b' });
      await using app = await host({ deleteLogsOlderThanDays: 30, notifiers }, jobs());
      await app.runner.run({ jobs: ['a'] });
      expect(await ages('b')).toEqual([40]);
      expect(await ages('c')).toEqual([1]);
    });
  });

  describe('of codes that the runner does not know', () => {
    beforeEach(async () => {
      for (let days = 90; days < 105; days++) {
        await run(days, { code: 'theirs.failing', status: 'failed' });
      }
      await run(90, { code: 'theirs.ok', slot: '06:30' });
      await run(89, { code: 'theirs.ok', slot: '18:00' });
      await run(88, { code: 'theirs.ok', slot: '18:00' });
      await run(87, { code: 'theirs.ok' });
      await run(60);
      await run(50);
    });

    it('leaves all rows: they are of another program', async () => {
      await using app = await host({ deleteLogsOlderThanDays: 30, removeSuccessfulLogs: true });
      expect(await app.runner.prune(30)).toBe(1);
      await app.runner.run();
      expect(await ages('theirs.failing')).toHaveLength(15);
      expect(await ages('theirs.ok')).toEqual([90, 89, 88, 87]);
    });

    it('deletes with allCodes what no schedule and no notification may need', async () => {
      await using app = await host({}, [job('a', { minNumFailures: 2 })]);
      expect(await app.runner.prune(30, { allCodes: true })).toBe(1 + 5 + 1);
      expect(await ages('theirs.failing')).toEqual([99, 98, 97, 96, 95, 94, 93, 92, 91, 90]);
      expect(await ages('theirs.ok')).toEqual([90, 88, 87]);
      expect(await ages()).toEqual([50]);
    });

    it('keeps with allCodes as many failures as any job of its own counts', async () => {
      await using app = await host({}, [job('a', { minNumFailures: 12 })]);
      await app.runner.prune(30, { allCodes: true });
      expect(await ages('theirs.failing')).toHaveLength(12);
    });

    it('deletes with allCodes when the runner knows no code at all', async () => {
      await using app = await host({}, []);
      expect(await app.runner.prune(30)).toBe(0);
      expect(await app.runner.prune(30, { allCodes: true })).toBe(1 + 5 + 1);
    });
  });

  it('takes one statement for all jobs when nothing is old, however many rows other programs have', async () => {
    const jobs = Array.from({ length: 20 }, (_, index) => job(`a${index}`, { removeSuccessfulLogs: index % 2 === 0 }));
    await using app = await host({}, jobs);
    await app.orm.connect();
    app.statements();
    expect(await app.runner.prune(30)).toBe(0);
    expect(app.statements()).toHaveLength(1);
  });

  it('deletes of more jobs than one statement asks about', async () => {
    const jobs = Array.from({ length: 70 }, (_, index) => job(`it's.${index}?`));
    for (const { code } of jobs) {
      await run(60, { code });
      await run(50, { code });
    }
    await using app = await host({}, jobs);
    expect(await app.runner.prune(30)).toBe(70);
    expect(await database.sql('select 1 from cron_job_log')).toHaveLength(70);
  });

  it('never deletes a row of another program that starts in the future', async () => {
    await run(50, { code: 'theirs' });
    await run(-5, { code: 'theirs' });
    await run(-6, { code: 'theirs' });
    await database.sql(`update cron_job_log set end_time = '2026-01-01' where code = 'theirs'`);
    await using app = await host({});
    expect(await app.runner.prune(30, { allCodes: true })).toBe(0);
  });

  it.each([
    [undefined, { allCodes: true }, 'allCodes needs olderThanDays'],
    [30, { allCodes: 'no' as never }, 'allCodes "no" is not allowed; it must be true or false'],
  ])('refuses prune(%j, %j)', async (days, options, message) => {
    await run(60, { code: 'theirs' });
    await run(50, { code: 'theirs' });
    await using app = await host({ removeSuccessfulLogs: true });
    await expect(app.runner.prune(days, options)).rejects.toThrow(message);
    expect(await ages('theirs')).toEqual([60, 50]);
  });

  it.each([{ budgetMillis: 0 }, { stop: AbortSignal.abort() }])('begins no batch with %j', async limits => {
    await run(60);
    await run(50);
    await run(60, { code: 'theirs' });
    await run(50, { code: 'theirs' });
    await using app = await host({ removeSuccessfulLogs: true });
    expect(await app.runner.prune(30, { ...limits, allCodes: true })).toBe(0);
    expect(await ages()).toEqual([60, 50]);
  });

  it('does not take a row dated in the future for the newest', async () => {
    await run(50);
    await run(40);
    await run(-5);
    await using app = await host({});
    await app.runner.prune(30);
    expect(await ages()).toEqual([40, -5]);
  });

  it('never deletes a running row', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, status, message, host, pid) values ('a', timestamptz '${NOW}' - interval '99 days', 'running', '', 'h', 1)`,
    );
    await run(1);
    await using app = await host({});
    expect(await app.runner.prune(30)).toBe(0);
  });

  it('deletes in batches until all is done', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       select 'a', t, t, 'succeeded', '', 'h', 1 from generate_series(1, 2500) n, lateral (select timestamptz '${NOW}' - interval '60 days' + n * interval '1 second' as t) s`,
    );
    await using app = await host({});
    await app.orm.connect();
    app.statements();
    expect(await app.runner.prune(30)).toBe(2499);
    expect(app.statements().filter(statement => statement.startsWith('delete'))).toHaveLength(4);
  });

  it('keeps a job that removes its successes down to the newest, and its failures', async () => {
    for (const days of [3, 2, 1]) {
      await run(days);
      await run(days, { status: 'failed' });
      await run(days, { code: 'b' });
    }
    await using app = await host({}, [job('a', { removeSuccessfulLogs: true }), job('b')]);
    await app.runner.run();
    expect(await ages('a')).toEqual([3, 2, 1, 0]);
    expect(await database.sql(`select 1 from cron_job_log where code = 'a' and status = 'succeeded'`)).toHaveLength(1);
    expect(await ages('b')).toEqual([3, 2, 1, 0]);
  });

  it('keeps the newest success of each time when two times remove their successes: neither runs again', async () => {
    const clock = new SettableClock('2026-03-30T06:31:00Z');
    const schedule = new Schedule({ runAtTimes: ['06:30', '18:00'] });
    await using app = await host({ clock, removeSuccessfulLogs: true }, [
      defineCronJob({ code: 'a', schedule, do: () => 'ran' }),
    ]);
    const outcomes: unknown[] = [];
    for (const at of ['30T06:31', '30T18:01', '30T18:06', '31T06:31', '31T06:36', '31T18:01', '31T18:06']) {
      clock.set(`2026-03-${at}:00Z`);
      outcomes.push((await app.runner.run()).jobs[0]?.outcome);
    }
    expect(outcomes).toEqual(['succeeded', 'succeeded', 'not_due', 'succeeded', 'not_due', 'succeeded', 'not_due']);
    expect(await database.sql('select ran_at_time from cron_job_log order by start_time')).toEqual([
      { ran_at_time: '06:30' },
      { ran_at_time: '18:00' },
    ]);
  });

  it('leaves the tick as it was when it fails, and tells of it', async () => {
    await run(60);
    await run(50);
    await database.sql(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no deleting today'; end $$`,
    );
    await database.sql(`create trigger refuse before delete on cron_job_log for each row execute function refuse()`);
    try {
      const { onEvent, events } = recordEvents();
      await using app = await host({ deleteLogsOlderThanDays: 30 });
      const { jobs } = await app.runner.run({ onEvent });
      expect(jobs[0]?.outcome).toBe('succeeded');
      expect(events.find(({ type }) => type === 'warning')).toMatchObject({
        message: expect.stringMatching(/old rows of the log could not be deleted: .*no deleting today/),
      });
    } finally {
      await database.sql('drop trigger refuse on cron_job_log');
    }
  });

  describe('cron:prune', () => {
    const env = () => ({ DATABASE_URL: database.url });

    it('deletes and says how many', async () => {
      await run(60, { code: 'host.quick' });
      await run(50, { code: 'host.quick' });
      await run(1, { code: 'host.quick' });
      await database.sql(
        `update cron_job_log set start_time = start_time + (now() - timestamptz '${NOW}'), end_time = end_time + (now() - timestamptz '${NOW}')`,
      );
      expect(await runCli(['cron:prune', '--older-than-days', '55'], env())).toMatchObject({
        code: 0,
        stdout: '1 row deleted\n',
        stderr: '',
      });
      expect(await runCli(['cron:prune', '--older-than-days', '30', '--json'], env())).toMatchObject({
        code: 0,
        stdout: '{"deleted":1,"keptOfUnknownCodes":{"rows":0,"codes":0}}\n',
      });
    });

    it('says what it kept because its code is unknown, until --all-codes deletes it too', async () => {
      for (const days of [1300, 1200, 1100]) {
        await run(days, { code: 'theirs.a' });
        await run(days, { code: 'theirs.b', status: 'failed' });
      }
      await run(1000, { code: 'theirs.b' });
      const prune = (...args: string[]) => runCli(['cron:prune', '--older-than-days', '30', ...args], env());
      expect(await prune()).toMatchObject({
        code: 0,
        stdout:
          '0 rows deleted\n5 rows of 2 codes that this host does not know were kept; --all-codes deletes them too\n',
        stderr: '',
      });
      expect(await prune('--json')).toMatchObject({
        stdout: '{"deleted":0,"keptOfUnknownCodes":{"rows":5,"codes":2}}\n',
      });
      expect(await prune('--all-codes')).toMatchObject({ code: 0, stdout: '5 rows deleted\n', stderr: '' });
      expect(await prune()).toMatchObject({ stdout: '0 rows deleted\n' });
    });

    it('refuses a bad number, and to guess what is old', async () => {
      expect(await runCli(['cron:prune', '--older-than-days', 'x'], env())).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^mikro-orm-cron: --older-than-days: 'x' is not allowed/),
      });
      expect(await runCli(['cron:prune'], env())).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/nothing says which rows are old; give --older-than-days 30/),
      });
      expect(await runCli(['cron:prune', '--all-codes'], env())).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/nothing says which rows are old; give --older-than-days 30/),
      });
    });
  });
});
