import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOST, runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { runInTerminal, startInTerminal } from '../../helpers/terminal.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('runcrons tells', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
  });

  const events = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));

  it('programs what happens, an event a line, in one documented shape', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, status, message, host, pid)
       values ('host.quick', now() - interval '1 hour', 'running', '', 'web-1', 7)`,
    );
    await database.sql(
      `insert into cron_job_lock (code, owner, host, pid, locked_at, locked_until)
       values ('host.failing', 'token', 'web-2', 42, now(), now() + interval '5 minutes')`,
    );
    const { code, stdout, stderr } = await runCli(['runcrons', '--json'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const [reason, millis] = [expect.any(String), expect.any(Number)];
    const due = { type: 'jobDue', reason, scheduledFor: null, ranAtTime: null };
    expect(events(stdout)).toEqual([
      { type: 'tickStarted', now: instant, jobs: ['host.failing', 'host.quick'] },
      { ...due, job: 'host.failing' },
      {
        type: 'jobDone',
        job: 'host.failing',
        outcome: 'locked',
        reason,
        run: null,
        durationMillis: null,
        message: null,
        error: null,
        holder: { host: 'web-2', pid: 42, since: instant, until: instant },
      },
      { ...due, job: 'host.quick' },
      {
        type: 'abandoned',
        job: 'host.quick',
        runs: [expect.objectContaining({ id: 1, status: 'abandoned', host: 'web-1', pid: 7, endTime: instant })],
      },
      { type: 'jobStarted', job: 'host.quick', run: 2, reason },
      {
        type: 'jobDone',
        job: 'host.quick',
        outcome: 'succeeded',
        reason,
        run: 2,
        durationMillis: millis,
        message: 'done quickly',
        error: null,
        holder: null,
      },
      { type: 'tickEnded', now: instant, durationMillis: millis, outcomes: { locked: 1, succeeded: 1 } },
    ]);
  });

  it('programs of progress and of failures, and keeps what jobs print out of the way', async () => {
    await database.sql('create table go ()');
    const { stdout, stderr } = await runCli(['runcrons', '--json'], {
      ...env,
      CRON_JOBS: './progress/*.ts,./crons/Failing.ts',
    });
    expect(stderr).toBe('the job prints a line\n');
    expect(events(stdout).filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', job: 'host.progressing', run: 1, done: 30, total: 120 },
      { type: 'progress', job: 'host.progressing', run: 1, done: 120, total: 120 },
    ]);
    expect(events(stdout).find(({ job, type }) => job === 'host.failing' && type === 'jobDone')).toMatchObject({
      outcome: 'failed',
      error: 'Error: the disk is full',
      message: expect.stringContaining('ENOSPC'),
    });
  });

  it('people on a terminal what is running, how long and how far, below what scrolls by', async () => {
    const terminal = startInTerminal(['runcrons'], { ...env, CRON_JOBS: './progress/*.ts,./crons/Quick.ts' }, 60);
    await terminal.shows(/\[▶\] host\.progressing {2}0 s {2}30 of 120 \(25 %\)\n/);
    await terminal.shows(/\[▶\] host\.progressing {2}1 s {2}30 of 120 \(25 %\)\n/);
    await database.sql('create table go ()');
    const { code, raw } = await terminal.done;
    expect(code).toBe(0);
    const screen = screenOf(raw);
    expect(screen).toEqual([
      'the job prints a line',
      expect.stringMatching(/^\[✔\] host\.progressing in .+ s: .+$/),
      expect.stringMatching(/^\[✔\] host\.quick in .+: .+$/),
      expect.stringMatching(/^2 jobs: 2 ran; took .+$/),
      '',
    ]);
    expect(raw).toContain('\u001b[32m[✔]\u001b[39m host.quick');
  });

  it('plain lines where there is no terminal, and on a dumb one', async () => {
    await database.sql('create table go ()');
    const progressing = { ...env, CRON_JOBS: './progress/*.ts' };
    expect(
      (await runCli(['runcrons', '--force'], { ...progressing, NO_COLOR: undefined, FORCE_COLOR: undefined })).stdout,
    ).not.toMatch(/\u001b|▶/);
    expect((await runInTerminal(['runcrons', '--force'], { ...progressing, TERM: 'dumb' })).raw).not.toMatch(
      /\u001b|▶/,
    );
  });

  it('nobody anything when the reader of a pipe has had enough, and still runs every job', async () => {
    const command = `'${process.execPath}' '${CLI}' runcrons | head -1; echo "codes \${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], {
      cwd: HOST,
      env: { ...process.env, ...env, FORCE_COLOR: undefined },
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\[✘\] host\.failing .+\ncodes 0 0\n$/);
    expect(await database.sql('select code from cron_job_log')).toHaveLength(2);
  });

  it('selects by pattern and tag', async () => {
    const all = { ...env, CRON_JOBS: './crons/*.ts,./schedules/*.ts' };
    const selected = async (...args: string[]) =>
      events((await runCli(['runcrons', '--json', '--dry-run', '--force', ...args], all)).stdout)[0].jobs;
    expect(await selected('billing.*', 'Quick')).toEqual(['host.quick', 'billing.invoices', 'billing.reminders']);
    expect(await selected('--tag', 'nightly')).toEqual(['billing.invoices']);
    expect(await selected('--tag', 'money', '--tag', 'nightly', 'billing.*')).toEqual([
      'billing.invoices',
      'billing.reminders',
    ]);
    expect(await runCli(['runcrons', '--tag', 'monthly'], all)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: "mikro-orm-cron: There is no job with the tag 'monthly'; known tags: money, nightly\n",
    });
  });

  it('one line of a command line that contradicts itself', async () => {
    expect(await runCli(['runcrons', '--json', '--silent'], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'mikro-orm-cron: --silent and --json are mutually exclusive; leave one of them out\n',
    });
  });

  it('programs nothing but JSON, whatever the config prints', async () => {
    const { stdout, stderr } = await runCli(['runcrons', 'Quick', '--json', '--config', './talkative.config.ts'], env);
    expect(events(stdout)[0]).toMatchObject({ type: 'tickStarted' });
    expect(stderr).toBe('a config that talks\n');
  });

  it.runIf(process.platform === 'linux')('that it could not print to a full disk, having run the jobs', async () => {
    const command = `'${process.execPath}' '${CLI}' runcrons > /dev/full`;
    const ended = promisify(execFile)('sh', ['-c', command], {
      cwd: HOST,
      env: { ...process.env, ...env, FORCE_COLOR: undefined },
    });
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stderr: 'mikro-orm-cron: not all output could be written to /dev/full: ENOSPC: no space left on device, write\n',
    });
    expect(await database.sql('select code, status from cron_job_log order by id')).toEqual([
      { code: 'host.failing', status: 'failed' },
      { code: 'host.quick', status: 'succeeded' },
    ]);
  });
});

/** What is on the screen at the end: lines that were erased from below are gone. */
function screenOf(raw: string): string[] {
  const lines = [''];
  for (const piece of raw.split(/(\r?\n|\r|\u001b\[\d+A|\u001b\[0J|\u001b\[\d*m)/)) {
    const up = /^\u001b\[(\d+)A$/.exec(piece);
    if (up) {
      lines.length -= Number(up[1]);
      lines[lines.length - 1] = '';
    } else if (piece.endsWith('\n')) {
      lines.push('');
    } else if (!/^(\r|\u001b)/.test(piece)) {
      lines[lines.length - 1] += piece;
    }
  }
  return lines;
}
