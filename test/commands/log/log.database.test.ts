import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { runInTerminal, startInTerminal } from '../../helpers/terminal.ts';
import { until } from '../../helpers/until.ts';

interface Row {
  readonly code?: string;
  readonly status?: string;
  /** When it started, counted back from now. */
  readonly ago?: string;
  readonly took?: string | null;
  readonly message?: string;
}

describe('cron:log', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = {
      DATABASE_URL: database.url,
      CRON_JOBS: './crons/*.ts,./schedules/*.ts',
      CRON_SETTINGS: '{"timeZone":"Europe/Prague"}',
    };
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log restart identity');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const add = ({
    code = 'host.quick',
    status = 'succeeded',
    ago = '1 minute',
    took = '2 seconds',
    message = '',
  }: Row) =>
    database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       values (?, now() - ?::interval, now() - ?::interval + ?::interval, ?, ?, 'web-1', 7)`,
      [code, ago, ago, status === 'running' ? null : took, status, message],
    );
  const ids = async (...args: string[]): Promise<number[]> => {
    const { code, stdout, stderr } = await runCli(['cron:log', '--json', ...args], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line).id);
  };
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(['cron:log', ...args], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  it('shows the newest runs first, a line a run, with the first line of the message', async () => {
    await add({ message: 'done quickly', ago: '1 day 2 hours' });
    await add({ code: 'billing.reminders', status: 'failed', message: '\u001b[31mError: the disk is full\n    at x' });
    const { code, stdout, stderr } = await runCli(['cron:log'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^ID +JOB +STARTED +AGO +TOOK +STATUS +MESSAGE$/),
      expect.stringMatching(
        /^ 2 {2}billing\.reminders {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}1 minute ago +2 s {2}✘ failed +Error: the disk is full$/,
      ),
      expect.stringMatching(/^ 1 {2}host\.quick .+ 1 day, 2 hours ago {2} 2 s {2}✔ succeeded {2}done quickly$/),
      'Times in Europe/Prague',
      '',
    ]);
  });

  it('shows of a failure why, not what the job wrote before', async () => {
    await add({ status: 'failed', message: 'asking the supplier\nnot yet\nTypeError [E1]: no answer\n    at x' });
    await add({ status: 'failed', message: 'something of its own' });
    const { stdout } = await runCli(['cron:log'], env);
    expect(stdout).toMatch(/^ 1 .+ TypeError \[E1\]: no answer$/m);
    expect(stdout).toMatch(/^ 2 .+ something of its own$/m);
  });

  it('shows all times on one wall clock, whatever zones the jobs go by', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       select code, '2026-01-15T12:00:00Z', '2026-01-15T12:00:01Z', 'succeeded', '', 'web-1', 7
       from unnest(array['billing.reminders', 'host.quick', 'gone.job']) code`,
    );
    const { stdout } = await runCli(['cron:log'], env);
    expect(stdout).toMatch(/billing\.reminders {2}2026-01-15 13:00:00/);
    expect(stdout).toMatch(/host\.quick {9}2026-01-15 13:00:00/);
    expect(stdout).toMatch(/gone\.job {11}2026-01-15 13:00:00/);
  });

  it('filters by job, outcome, time, duration and text', async () => {
    await add({ code: 'gone.job', ago: '3 days', took: '10 minutes', message: 'Sent 100% of\n 3 Mails' });
    await add({ code: 'host.failing', status: 'failed', ago: '2 days' });
    await add({ code: 'host.failing', status: 'timed_out', ago: '1 day' });
    await add({ code: 'host.failing', status: 'abandoned', ago: '5 hours' });
    await add({ code: 'host.quick', status: 'running', ago: '4 hours' });
    await add({ code: 'host.quick', ago: '3 hours' });
    expect(await ids()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await ids('--code', 'Quick')).toEqual([6, 5]);
    expect(await ids('--code', 'gone.job', '--code', 'host.quick')).toEqual([6, 5, 1]);
    expect(await ids('--code', 'host.*')).toEqual([6, 5, 4, 3, 2]);
    expect(await ids('--failed')).toEqual([4, 3, 2]);
    expect(await ids('--status', 'running', '--status', 'succeeded')).toEqual([6, 5, 1]);
    expect(await ids('--since', '1d1h')).toEqual([6, 5, 4, 3]);
    expect(await ids('--until', '4h30m')).toEqual([4, 3, 2, 1]);
    expect(await ids('--longer-than', '5m')).toEqual([5, 1]);
    expect(await ids('--grep', '100% OF')).toEqual([1]);
    expect(await ids('--grep', '1_0%')).toEqual([]);
    expect(await ids('--failed', '--since', '1d1h', '--code', 'host.*', '--limit', '1')).toEqual([4]);
    expect((await runCli(['cron:log', '--code', 'billing.invoices'], env)).stdout).toBe('No such runs\n');
  });

  it('takes times on the wall clock of the settings and with an offset', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       select 'host.quick', t, t, 'succeeded', '', 'web-1', 7
       from unnest(array['2026-03-28T23:00Z', '2026-03-29T00:59Z', '2026-03-29T01:00Z']::timestamptz[]) t`,
    );
    expect(await ids('--since', '2026-03-29')).toEqual([3, 2, 1]);
    expect(await ids('--since', '2026-03-29 02:30')).toEqual([3]);
    expect(await ids('--until', '2026-03-29 01:59')).toEqual([2, 1]);
    expect(await ids('--since', '2026-03-29T03:00+02:00')).toEqual([3]);
  });

  it('pages by id', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       select 'host.quick', now(), now(), 'succeeded', repeat('x', 100), 'web-1', 7 from generate_series(1, 450)`,
    );
    const all = await ids('--limit', '1000');
    expect(all).toEqual(Array.from({ length: 450 }, (_, index) => 450 - index));
    expect(await ids('--limit', '3')).toEqual([450, 449, 448]);
    expect(await ids('--limit', '3', '--before', '448')).toEqual([447, 446, 445]);
    expect(await ids()).toHaveLength(20);
  });

  it('shows one run whole, with its full message made harmless', async () => {
    await add({
      status: 'failed',
      took: '90 seconds',
      message: 'Error: full\u0007\n    at x\u001b[2J\n  [cause]: ENOSPC',
    });
    const { stdout } = await runCli(['cron:log', '1'], env);
    expect(stdout).toMatch(/^Run 1 of host\.quick\n {2}status {3}✘ failed\n {2}started {2}\S+ \S+ \(1 minute ago\)\n/);
    expect(stdout).toMatch(/took {5}1 minute, 30 seconds\n/);
    expect(stdout).toContain('\n\nError: full\n    at x\n  [cause]: ENOSPC\n');
    const json = JSON.parse((await runCli(['cron:log', '1', '--json'], env)).stdout);
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/);
    expect(json).toEqual({
      id: 1,
      code: 'host.quick',
      status: 'failed',
      startTime: instant,
      endTime: instant,
      durationMillis: 90_000,
      ranAtTime: null,
      scheduledFor: null,
      host: 'web-1',
      pid: 7,
      trigger: null,
      requestedBy: null,
      arguments: null,
      message: 'Error: full\u0007\n    at x\u001b[2J\n  [cause]: ENOSPC',
    });
  });

  it('is readable while a job cannot be loaded', async () => {
    await add({});
    expect((await runCli(['cron:log'], { ...env, CRON_JOBS: './broken/*.ts' })).stdout).toContain('host.quick');
  });

  it('fits a narrow terminal', async () => {
    await add({ message: 'a long message '.repeat(20) });
    for (const columns of [120, 60]) {
      const { text } = await runInTerminal(['cron:log'], env, columns);
      expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns);
      expect(text).toContain('a long');
    }
  });

  it('follows: tells of runs as they start and end, until Ctrl-C', async () => {
    await add({ message: 'before' });
    await add({ status: 'running', message: '' });
    const terminal = startInTerminal(['cron:log', '--follow'], env, 100);
    await terminal.shows('before');
    await terminal.shows('▶ host.quick running');
    await add({ code: 'host.failing', status: 'running' });
    await terminal.shows('▶ host.failing running');
    await database.sql(`update cron_job_log set status = 'failed', end_time = now(), message = 'no' where id = 3`);
    await terminal.shows(/✘ host\.failing failed in .+: no/);
    await database.sql(`update cron_job_log set status = 'succeeded', end_time = now(), message = 'yes' where id = 2`);
    await terminal.shows(/✔ host\.quick succeeded in .+: yes/);
    terminal.type('\x03');
    expect((await terminal.done).code).toBe(0);
  });

  it('follows with a filter, in JSON', async () => {
    await add({ status: 'failed', message: 'long ago' });
    const following = startCli(['cron:log', '--follow', '--failed', '--json', '--code', 'host.*'], env);
    let stdout = '';
    following.child.stdout?.on('data', chunk => (stdout += chunk));
    await until('the old failure is told', async () => stdout.includes('long ago'));
    await add({ status: 'running' });
    await add({ code: 'gone.job', status: 'failed', message: 'of another job' });
    await add({ status: 'failed', message: 'at once' });
    await until('the new failure is told', async () => stdout.includes('at once'));
    await database.sql(`update cron_job_log set status = 'failed', end_time = now(), message = 'late' where id = 2`);
    await until('the ended run is told', async () => stdout.includes('late'));
    following.child.kill('SIGTERM');
    expect(await following.done).toMatchObject({ code: 0, stderr: '' });
    const told = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line).id);
    expect(told).toEqual([1, 4, 2]);
  });

  describe('refuses in one line', () => {
    it.each([
      [['--since', 'yesterday'], /--since: 'yesterday' is not allowed; it must be so long ago \(30m, 2h, 7d\)/],
      [['--since', '2026-02-30T00:00:00Z'], /--since: '2026-02-30T00:00:00Z' is not allowed/],
      [['--since', '0001-01-01'], /--since: '0001-01-01' is not allowed/],
      [['--until', '2026-02-31'], /--until: '2026-02-31' is not allowed/],
      [['--longer-than', '5'], /--longer-than: '5' is not allowed; it must be a duration such as 500ms, 90s/],
      [['--limit', '0'], /--limit: '0' is not allowed; it must be a whole number from 1/],
      [['one'], /cron:log: 'one' is not the id of a run/],
      [['--until', '99999999999d'], /--until: '99999999999d' is not allowed/],
      [['--longer-than', '99999999999d'], /--longer-than: '99999999999d' is not allowed/],
      [['7', '--failed'], /a run's id and --failed are mutually exclusive/],
      [['--failed', '--status', 'running'], /failed and status are mutually exclusive/],
      [['--status', 'broken'], /--status: "broken"; it must be one of "running"/],
      [['--code', 'no.such'], /There is no job 'no\.such' and no run of one; known codes: host\.failing/],
      [['7'], /there is no run 7 in the log/],
    ])('%j', async (args, message) => {
      expect(await refused(...args)).toMatch(message);
    });
  });
});
