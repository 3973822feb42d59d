import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CronNotification,
  type CronSettings,
  defineCronJob,
  FailedRunsNotificationCronJob,
  Schedule,
} from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';
import { startSmtp, type TestSmtp } from '../helpers/smtp.ts';
import { startTcp } from '../helpers/tcp.ts';

const CODE = 'mikro_orm_cron.failed_runs_notification';

describe('FailedRunsNotificationCronJob', () => {
  let database: TestDatabase;
  let server: TestSmtp;
  let clock: SettableClock;
  /** Which jobs fail just now. */
  const failing = new Set<string>();

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startSmtp();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
    clock = new SettableClock('2026-03-02T00:00:00Z');
    failing.clear();
    server.mails();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const job = (code: string, minNumFailures?: number) =>
    defineCronJob({
      code,
      schedule: new Schedule({ runEveryMins: 10 }),
      ...(minNumFailures !== undefined && { minNumFailures }),
      do: () => {
        if (failing.has(code)) {
          throw new Error(`${code} cannot reach its server`);
        }
      },
    });
  const mailSettings = (rest: Partial<CronSettings['mail']> = {}): CronSettings['mail'] => ({
    transport: server.url,
    from: 'cron@example.com',
    admins: ['ops@example.com'],
    subjectPrefix: '[test] ',
    ...rest,
  });
  const host = (jobs: CronSettings['jobs'], settings: Partial<CronSettings> = {}) =>
    createTestHost(database, {
      jobs: [...jobs, FailedRunsNotificationCronJob],
      timeZone: 'UTC',
      clock,
      mail: mailSettings()!,
      ...settings,
    });
  type Host = Awaited<ReturnType<typeof host>>;
  /** Ticks every ten minutes up to an instant, and leaves the clock there. */
  const tickUntil = async ({ runner }: Pick<Host, 'runner'>, end: string) => {
    for (; clock.now() < new Date(end); clock.advance(600)) {
      await runner.run();
    }
  };
  const subjects = () => server.mails().map(({ subject }) => subject);
  const ownRows = () =>
    database.sql<{ status: string; message: string }>(
      'select status, message from cron_job_log where code = ? order by start_time, id',
      [CODE],
    );

  it('mails a streak once, its end once, and the next streak', async () => {
    await using app = await host([job('a')]);
    await tickUntil(app, '2026-03-02T04:00Z');
    failing.add('a');
    await tickUntil(app, '2026-03-03T04:00Z');
    expect(subjects()).toEqual(['[test] a failed 10 times in a row!']);
    failing.clear();
    await tickUntil(app, '2026-03-03T08:00Z');
    expect(subjects()).toEqual(['[test] a has recovered']);
    failing.add('a');
    await tickUntil(app, '2026-03-03T12:00Z');
    expect(subjects()).toEqual(['[test] a failed 10 times in a row!']);
  });

  it('mails each run with its start, duration, host and message, newest first, in both bodies', async () => {
    await using app = await host([job('a', 2)]);
    failing.add('a');
    await tickUntil(app, '2026-03-02T00:31Z');
    const [mail] = server.mails();
    const starts = [...mail!.text!.matchAll(/^- (\S+ \S+) \S+ {2}failed after \d+ ms on (\S+)$/gm)].map(([, at]) => at);
    expect(starts).toEqual(['2026-03-02 00:30:00', '2026-03-02 00:20:00']);
    expect(mail!.text).toContain('Error: a cannot reach its server');
    expect(mail!.html).toContain('Error: a cannot reach its server');
    expect(mail!.text).toContain('npx mikro-orm-cron cron:log --code a');
    expect(mail!.text).toContain('Schedule:      every 10 minutes (UTC)');
    expect(mail!.text).toContain('Last success:  none in the log');
    expect(mail!.text).toContain('Next run:      at the next tick');
  });

  it('counts failed, timed out and abandoned runs alike, and no running one', async () => {
    await using app = await host([job('a', 3)]);
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       select 'a', timestamptz '2026-03-01T00:00Z' + i * interval '1 minute', timestamptz '2026-03-01T01:00Z', s, s, 'h', 1
       from unnest(array['succeeded', 'failed', 'timed_out', 'abandoned']) with ordinality as t (s, i)`,
    );
    await app.runner.run({ jobs: [CODE] });
    const [mail] = server.mails();
    expect(mail!.subject).toBe('[test] a failed 3 times in a row!');
    expect([...mail!.text!.matchAll(/^ {4}(\w+)$/gm)].map(([, text]) => text)).toEqual([
      'abandoned',
      'timed_out',
      'failed',
    ]);
  });

  it('puts several failing jobs into one mail', async () => {
    const jobs = Array.from({ length: 60 }, (_, index) => job(`job_${index}`, 2));
    await using app = await host(jobs);
    jobs.slice(0, 50).forEach(({ code }) => failing.add(code));
    await tickUntil(app, '2026-03-02T00:31Z');
    const mails = server.mails();
    expect(mails.map(({ subject }) => subject)).toEqual([
      '[test] 50 jobs: 50 failing (job_0, job_1, job_2 and 47 more)',
    ]);
    expect(mails[0]!.text!.match(/cannot reach its server/g)!.length).toBeGreaterThanOrEqual(100);
  });

  it('asks for the log in few statements, however many jobs there are and fail', async () => {
    const jobs = Array.from({ length: 120 }, (_, index) => job(`job_${index}`, 1));
    await using app = await host(jobs);
    await app.runner.run();
    clock.advance(3_600);
    const readsOfCheck = async () => {
      app.statements();
      await app.runner.run({ jobs: [CODE], force: true });
      // The history that the tick itself reads is not the check's.
      return app.statements().filter(text => /^select/i.test(text) && text.includes('cron_job_log')).length - 1;
    };
    expect(await readsOfCheck()).toBe(3);
    jobs.forEach(({ code }) => failing.add(code));
    await app.runner.run({ force: true });
    clock.advance(3_600);
    server.mails();
    await database.sql(`delete from cron_job_log where code = '${CODE}'`);
    expect(await readsOfCheck()).toBe(5);
    expect(subjects()).toHaveLength(1);
  });

  it('tries again at every tick while the mail server is down, loses no streak, and tells it once', async () => {
    const down = { ...mailSettings()!, transport: 'smtp://127.0.0.1:1' };
    failing.add('a');
    {
      await using app = await host([job('a')], { mail: down });
      await tickUntil(app, '2026-03-02T04:00Z');
    }
    const rows = await ownRows();
    expect(rows.slice(0, 4).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded', 'failed']);
    // From the check at 01:30 on, one at every tick.
    expect(rows.filter(({ status }) => status === 'failed')).toHaveLength(15);
    expect(rows.at(-1)!.message).toContain('could not be sent: ');
    await using app = await host([job('a')]);
    await tickUntil(app, '2026-03-02T06:00Z');
    // The notification job's own failures are worth telling too.
    const [first, ...more] = server.mails();
    expect(first!.text).toContain('a failed 25 times in a row!');
    expect(first!.text).toContain(`${CODE} failed 15 times in a row!`);
    expect(more.map(({ subject }) => subject)).toEqual([`[test] ${CODE} has recovered`]);
  });

  it('tells a working notifier once while another one is broken, and that one when it works again', async () => {
    const heard: string[] = [];
    let isBroken = true;
    const notifiers = [
      { name: 'chat', notify: async ({ subject }: CronNotification) => void heard.push(subject) },
      {
        name: 'pager',
        async notify({ subject }: CronNotification) {
          if (isBroken) {
            throw new Error('the pager is broken');
          }
          heard.push(`pager: ${subject}`);
        },
      },
    ];
    failing.add('a');
    await using app = await host([job('a', 2)], { notifiers });
    await tickUntil(app, '2026-03-02T03:00Z');
    expect(subjects()[0]).toBe('[test] a failed 4 times in a row!');
    expect(heard.filter(text => text.startsWith('a '))).toEqual(['a failed 4 times in a row!']);
    const [, failed] = await ownRows();
    expect(failed!.status).toBe('failed');
    expect(failed!.message).toMatch(/^mail: a failing\nchat: a failing\npager: a failing; not delivered\nledger: \{/);
    expect(failed!.message).toContain('the pager is broken; the next tick tries again');
    isBroken = false;
    await tickUntil(app, '2026-03-02T03:10Z');
    expect(heard.filter(text => text.startsWith('pager'))).toHaveLength(1);
  });

  it('is aborted by its time-out when the mail server hangs, holds up the tick no longer, and tries again', async () => {
    await using hanging = await startTcp(socket => socket.write('220 hello\r\n'));
    class Impatient extends FailedRunsNotificationCronJob {
      override readonly timeoutSeconds = 0.5;
    }
    failing.add('a');
    const settings = { jobs: [job('a', 1), Impatient], timeZone: 'UTC', clock };
    const transport = `smtp://127.0.0.1:${hanging.port}`;
    {
      await using app = await createTestHost(database, { ...settings, mail: mailSettings({ transport })! });
      const report = await app.runner.run();
      expect(report.jobs.map(({ outcome }) => outcome)).toEqual(['failed', 'timed_out']);
      expect(report.durationMillis).toBeLessThan(3_000);
      clock.advance(600);
    }
    await using app = await createTestHost(database, { ...settings, mail: mailSettings()! });
    await app.runner.run();
    expect(subjects()).toEqual(['[test] a failed 2 times in a row!']);
  });

  it('tells once when two hosts tick at the same time', async () => {
    failing.add('a');
    await using one = await host([job('a')]);
    await using two = await host([job('a')]);
    for (; clock.now() < new Date('2026-03-02T06:00Z'); clock.advance(600)) {
      await Promise.all([one.runner.run(), two.runner.run()]);
    }
    // What failed is due again for the other host at once.
    expect(subjects()).toEqual([expect.stringMatching(/^\[test\] a failed 1\d times in a row!$/)]);
  });

  it('tells nothing twice when logs are pruned all the time', async () => {
    await using app = await host([job('a')], { deleteLogsOlderThanDays: 0.1, removeSuccessfulLogs: true });
    await tickUntil(app, '2026-03-02T02:00Z');
    failing.add('a');
    await tickUntil(app, '2026-03-02T12:00Z');
    failing.clear();
    await tickUntil(app, '2026-03-02T14:00Z');
    expect(subjects()).toEqual(['[test] a failed 10 times in a row!', '[test] a has recovered']);
    expect(await ownRows()).toHaveLength(1);
  });

  it('reminds, and tells overdue jobs, when the settings say so', async () => {
    const mail = mailSettings({ remindAfterMins: 180, notifyOverdue: { marginMins: 30 } })!;
    await using app = await host([job('a')], { mail });
    await tickUntil(app, '2026-03-02T01:00Z');
    const { runner } = app;
    // As when somebody took the job out of crontab: only the check runs.
    for (; clock.now() < new Date('2026-03-02T06:00Z'); clock.advance(600)) {
      await runner.run({ jobs: [CODE] });
    }
    await tickUntil(app, '2026-03-02T07:00Z');
    expect(subjects()).toEqual(['[test] a is overdue', '[test] a is still overdue', '[test] a has recovered']);
  });

  it('sees what the jobs before it did in the same tick', async () => {
    failing.add('a');
    await using app = await host([job('a', 1)]);
    await app.runner.run();
    expect(subjects()).toEqual(['[test] a failed 1 time in a row!']);
  });

  it('fails with the way out when there is nobody to tell', async () => {
    await using app = await createTestHost(database, { jobs: [FailedRunsNotificationCronJob], clock });
    const [report] = (await app.runner.run()).jobs;
    expect(String(report!.error)).toContain('it has no recipients; set mail or notifiers in cron()');
  });
});
