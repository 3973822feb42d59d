import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCli, runCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { until } from '../helpers/until.ts';

describe("a job with isolation 'process'", () => {
  let database: TestDatabase;
  const env = (extra: NodeJS.ProcessEnv = {}) => ({
    DATABASE_URL: database.url,
    CRON_JOBS: './isolated/*.ts,./crons/Quick.ts',
    ...extra,
  });

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const rows = () =>
    database.sql<{ code: string; status: string; message: string; pid: number }>(
      'select code, status, message, pid from cron_job_log order by id',
    );
  const heldLocks = () => database.sql('select code from cron_job_lock where owner is not null');

  /** Processes that a job may have started. */
  const sleepers = async (): Promise<number[]> =>
    promisify(execFile)('pgrep', ['-fx', 'sleep 3600']).then(
      ({ stdout }) => stdout.trim().split('\n').map(Number),
      () => [],
    );

  it('runs in a process of its own with the whole context, and its output is the command’s', async () => {
    expect(await runCli(['runcrons', 'Isolated'], env())).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await runCli(['runcrons', 'Isolated', '--force'], env());
    expect(stdout).toMatch(/^printed$/m);
    const [, row] = await rows();
    expect(row?.status).toBe('succeeded');
    expect(row?.message).toBe(
      `a line\n{ pid: true, rows: 1, previous: 'a line', isLog: false, now: true, isForced: true }`,
    );
  });

  it('can have its output captured like any other', async () => {
    const { stdout } = await runCli(['runcrons', 'Isolated'], env({ CRON_SETTINGS: '{"captureConsole":true}' }));
    expect(stdout).not.toMatch(/^printed$/m);
    expect((await rows())[0]?.message.split('\n').slice(0, 2).sort()).toEqual(['a line', 'printed']);
  });

  it('fails with its error as it was thrown', async () => {
    const { stdout } = await runCli(['runcrons', 'Isolated'], env({ DEED: 'throw' }));
    expect(stdout).toMatch(/^\[✘\] host\.isolated in .+: TypeError: it broke$/m);
    const [row] = await rows();
    expect(row?.status).toBe('failed');
    expect(row?.message).toMatch(/^TypeError: it broke\n.*Isolated\.ts.*\[cause\]: Error: inside/s);
  });

  it.each([
    ['exit', /its process exited with code 3 before the run had ended/],
    ['crash', /its process was killed by SIGSEGV before the run had ended/],
    ['memory', /its process (was killed by SIGABRT|exited with code \d+) before the run had ended/],
  ])('ends only its own run by %s, and the next job runs', async (deed, message) => {
    const { code } = await runCli(['runcrons'], env({ DEED: deed, NODE_OPTIONS: '--max-old-space-size=64' }));
    expect(code).toBe(0);
    expect(await rows()).toEqual([
      expect.objectContaining({ code: 'host.isolated', status: 'failed', message: expect.stringMatching(message) }),
      expect.objectContaining({ code: 'host.quick', status: 'succeeded' }),
    ]);
    expect(await heldLocks()).toEqual([]);
  });

  it.each(['leak', 'daemon'])('ends, and has its outcome written, whatever it leaves behind: a %s', async deed => {
    const before = await sleepers();
    const { code, stderr } = await runCli(['runcrons'], env({ DEED: deed }));
    for (const pid of (await sleepers()).filter(found => !before.includes(found))) {
      process.kill(pid);
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await rows()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(await heldLocks()).toEqual([]);
  });

  it('is killed with all that it has started', async () => {
    const settings = '{"timeoutSeconds":1,"shutdownGraceSeconds":0.2}';
    const before = await sleepers();
    await runCli(['runcrons'], env({ DEED: 'hang', CRON_SETTINGS: settings }));
    expect((await rows()).map(({ status }) => status)).toEqual(['timed_out', 'succeeded']);
    expect(await sleepers()).toEqual(before);
  });

  it('is killed when it blocks its event loop past time-out and grace, and its lock is free again', async () => {
    const settings = '{"timeoutSeconds":1,"shutdownGraceSeconds":0.2}';
    await runCli(['runcrons', 'Isolated'], env({ DEED: 'block', CRON_SETTINGS: settings }));
    expect(await rows()).toEqual([
      expect.objectContaining({
        status: 'timed_out',
        message: expect.stringMatching(/^Timed out after 1 s\n.*was killed by SIGKILL/),
      }),
    ]);
    expect(await heldLocks()).toEqual([]);
  });

  it('hears of the abort of its run', async () => {
    await runCli(['runcrons', 'Isolated'], env({ DEED: 'wait', CRON_SETTINGS: '{"timeoutSeconds":1}' }));
    expect((await rows())[0]).toMatchObject({
      status: 'timed_out',
      message: expect.stringMatching(/^Timed out after 1 s\nThe job settled after its signal was aborted: AbortError/),
    });
  });

  it('leaves it to its parent what a signal of the terminal ends', async () => {
    const settings = '{"shutdownGraceSeconds":0.5}';
    const { child, done } = startCli(['runcrons', 'Isolated'], env({ DEED: 'hold', CRON_SETTINGS: settings }));
    await until('the job is going', async () => (await rows())[0]?.message.includes('holding'), 40);
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(child.pid)]);
    for (const pid of stdout.trim().split('\n')) {
      process.kill(Number(pid), 'SIGINT');
    }
    child.kill('SIGINT');
    expect((await done).code).toBe(1);
    expect((await rows())[0]).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Shut down by SIGINT\nThe job settled after its signal was aborted: AbortError/),
    });
  });

  it('does not hold up the tick by what it leaves running', async () => {
    await runCli(['runcrons', 'Isolated'], env({ DEED: 'linger' }));
    expect((await rows())[0]).toMatchObject({ status: 'succeeded', message: 'left a timer behind' });
  });

  it('ends with its parent when that is killed', async () => {
    const parent = startCli(['runcrons', 'Isolated'], env({ DEED: 'wait' }));
    await until('the run is going', async () => (await rows()).length > 0);
    const connections = async () =>
      (
        await database.sql<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        )
      )[0]?.n ?? 0;
    parent.child.kill('SIGKILL');
    await parent.done;
    await until('nobody is connected any more', async () => (await connections()) === 0);
    expect((await rows())[0]?.status).toBe('running');
  });
});
