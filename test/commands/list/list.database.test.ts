import stringWidth from 'string-width';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { runInTerminal } from '../../helpers/terminal.ts';

describe('cron:list', () => {
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
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const log = (code: string, status: string, ago: string, took: string | null = '2 seconds') =>
    database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       values (?, now() - ?::interval, now() - ?::interval + ?::interval, ?, '', 'web-1', 7)`,
      [code, ago, ago, took, status],
    );
  const lock = (code: string, until: string) =>
    database.sql(
      `insert into cron_job_lock (code, owner, host, pid, locked_at, locked_until)
       values (?, 'token', 'web-2', 42, now() - interval '1 minute', now() + ?::interval)`,
      [code, until],
    );
  const json = async (...args: string[]) => JSON.parse((await runCli(['cron:list', '--json', ...args], env)).stdout);
  const codes = async (...args: string[]) => (await json(...args)).map(({ code }: { code: string }) => code);

  it('shows schedule, last run, duration, failures in a row, next due and lock holder, a line a job', async () => {
    await log('host.quick', 'succeeded', '1 minute');
    await log('host.failing', 'failed', '3 minutes');
    await log('host.failing', 'timed_out', '1 day 2 hours', '90 seconds');
    await lock('host.failing', '4 minutes');
    const { code, stdout, stderr } = await runCli(['cron:list'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^JOB +SCHEDULE +LAST RUN +TOOK +FAILED +NEXT DUE +LOCKED BY$/);
    expect(lines[1]).toMatch(
      /^host\.failing +every 5 minutes \(Europe\/Prague\) +✘ 3 minutes ago \(\d{4}-\d\d-\d\d \d\d:\d\d\) +2 s +2 +now +web-2, pid 42$/,
    );
    expect(lines[2]).toMatch(/^host\.quick .+ ✔ 1 minute ago \(.+\) +2 s +in [34] minutes \(.+\)$/);
    expect(lines[3]).toMatch(/^billing\.invoices +every 2 hours and at 06:30 \(Europe\/Prague\) +never +now$/);
    expect(lines[5]).toMatch(/^billing\.reminders .+\(America\/New_York\) +never +in .+ \(\d{4}-01-01 15:00\)$/);
    expect(lines[4]).toMatch(/^misc\.never .+ never +never$/);
    expect(lines.slice(6)).toEqual(['Times in Europe/Prague', '']);
  });

  it('counts a streak since the last success, without the run that is going, and forgets leases that have ended', async () => {
    await log('host.failing', 'failed', '3 days');
    await log('host.failing', 'succeeded', '2 days');
    await log('host.failing', 'failed', '3 hours');
    await log('host.failing', 'abandoned', '2 hours');
    await log('host.failing', 'running', '1 hour', null);
    await log('host.failing', 'failed', '-1 hours');
    await lock('host.failing', '-1 second');
    expect(await json('Failing')).toEqual([
      expect.objectContaining({
        failureStreak: 2,
        lock: null,
        lastRun: expect.objectContaining({ status: 'running', endTime: null, durationMillis: null }),
      }),
    ]);
  });

  it('prints one documented JSON shape', async () => {
    await log('billing.invoices', 'failed', '5 minutes', '1500 milliseconds');
    await lock('billing.invoices', '4 minutes');
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await json('billing.invoices')).toEqual([
      {
        code: 'billing.invoices',
        class: 'DefinedCronJob',
        tags: ['money', 'nightly'],
        schedule: 'every 2 hours and at 06:30',
        timeZone: 'Europe/Prague',
        lastRun: {
          id: expect.any(Number),
          code: 'billing.invoices',
          status: 'failed',
          startTime: instant,
          endTime: instant,
          durationMillis: 1500,
          ranAtTime: null,
          scheduledFor: null,
          host: 'web-1',
          pid: 7,
        },
        lastSuccess: null,
        failureStreak: 1,
        nextRun: instant,
        isDue: true,
        off: null,
        spreadSeconds: 0,
        pause: null,
        skip: null,
        request: null,
        lock: { host: 'web-2', pid: 42, since: instant, until: instant },
      },
    ]);
  });

  it('filters and sorts', async () => {
    await log('host.quick', 'succeeded', '1 minute');
    await log('host.failing', 'failed', '3 minutes');
    expect(await codes('--failing')).toEqual(['host.failing']);
    expect(await codes('--due')).toEqual(['host.failing', 'billing.invoices']);
    expect(await codes('--sort', 'code')).toEqual([
      ...['billing.invoices', 'billing.reminders', 'host.failing', 'host.quick', 'misc.never'],
    ]);
    expect(await codes('--sort', 'next')).toEqual([
      ...['host.failing', 'billing.invoices', 'host.quick', 'billing.reminders', 'misc.never'],
    ]);
    expect((await codes('--sort', 'last')).slice(0, 2)).toEqual(['host.quick', 'host.failing']);
    expect((await codes('--sort', 'failures'))[0]).toBe('host.failing');
    expect((await runCli(['cron:list', 'Quick', '--failing'], env)).stdout).toBe('No such jobs\n');
  });

  it('fits a narrow terminal, in columns while there is room for them and in blocks where not', async () => {
    await log('host.failing', 'failed', '3 minutes');
    const at = async (columns: number) => (await runInTerminal(['cron:list'], env, columns)).text.trimEnd().split('\n');
    for (const columns of [200, 120, 90, 40]) {
      const widths = (await at(columns)).map(line => stringWidth(line));
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    }
    expect((await at(110))[1]).toMatch(/^host\.failing +every 5 minutes +✘ 3 minutes ago +2 s +1 +now$/);
    expect((await at(80))[3]).toMatch(/^billing\.invoices +every 2 hours.* +never +now$/);
    expect((await at(40)).slice(0, 3)).toEqual([
      'host.failing',
      '  schedule  every 5 minutes',
      '            (Europe/Prague)',
    ]);
  });

  it('has colours on a terminal and where FORCE_COLOR asks for them, never under NO_COLOR or in a pipe', async () => {
    await log('host.failing', 'failed', '3 minutes');
    const red = '\u001b[31m✘ 3 minutes ago';
    const pipe = async (extra: NodeJS.ProcessEnv) => (await runCli(['cron:list'], { ...env, ...extra })).stdout;
    expect((await runInTerminal(['cron:list'], env)).raw).toContain(red);
    expect((await runInTerminal(['cron:list'], { ...env, NO_COLOR: '1' })).raw).not.toContain('\u001b[');
    expect(await pipe({ NO_COLOR: undefined, FORCE_COLOR: undefined })).not.toContain('\u001b[');
    expect(await pipe({ NO_COLOR: undefined, FORCE_COLOR: '1' })).toContain(red);
  });

  it('with tables that are missing says what to do, and exits with 1', async () => {
    await using bare = await createTestDatabase('template0');
    const { code, stdout, stderr } = await runCli(['cron:list'], { ...env, DATABASE_URL: bare.url });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/tables of mikro-orm-cron are missing; run `npx mikro-orm-cron cron:install`/);
  });
});
