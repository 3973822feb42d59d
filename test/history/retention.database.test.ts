import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CronSettings, defineCronJob, Schedule } from '../../src/index.ts';
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

  it('keeps the newest success of a job that another host has registered', async () => {
    await run(90, { code: 'theirs' });
    await run(80, { code: 'theirs' });
    await using app = await host({});
    await app.runner.prune(30);
    expect(await ages('theirs')).toEqual([80]);
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
    expect(app.statements().filter(statement => statement.startsWith('delete'))).toHaveLength(3);
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
      expect(events.find(({ type }) => type === 'trouble')).toMatchObject({
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
        stdout: '{"deleted":1}\n',
      });
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
    });
  });
});
