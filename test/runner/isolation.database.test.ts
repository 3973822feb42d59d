import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OUTPUT_LINES } from '../fixtures/host/isolated/Isolated.ts';
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

  it.each([
    ['flood', 'succeeded'],
    ['flood and exit', 'failed'],
  ])('loses nothing of what it prints right before its end: %s', async (deed, status) => {
    const { stdout } = await runCli(['runcrons', 'Isolated'], env({ DEED: deed }));
    const lines = [...stdout.matchAll(/^line (\d+) -{60}$/gm)].map(([, line]) => Number(line));
    expect(lines).toEqual(Array.from({ length: OUTPUT_LINES }, (_, index) => index + 1));
    expect((await rows())[0]?.status).toBe(status);
  });

  describe('that sends messages of its own', () => {
    const messages = [
      null,
      0,
      'text',
      [],
      {},
      { type: 'unknown' },
      { type: 'returned' },
      { type: 'returned', returned: 'forged' },
      { type: 'threw', name: 'Error', message: 'forged', description: 'forged' },
      { type: 'write', line: 'forged' },
    ].map(message => JSON.stringify(message));

    const MESSAGES = `[${messages.join()}]`;

    it('has not succeeded by them when it exits with a code, and harms nobody else', async () => {
      const { code, stderr } = await runCli(['runcrons'], env({ DEED: 'send', MESSAGES }));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect((await rows()).map(row => [row.status, row.message.split('\n', 1)[0]])).toEqual([
        ['failed', expect.stringMatching(/its process exited with code 3 before the run had ended$/)],
        ['succeeded', 'done quickly'],
      ]);
    });

    it('has the outcome and the message of do(), not of them', async () => {
      await runCli(['runcrons', 'Isolated'], env({ DEED: 'send and return', MESSAGES }));
      expect(await rows()).toMatchObject([{ status: 'succeeded', message: 'its own' }]);
    });
  });

  it.each([
    ['write to the pipe', /the pipe between its two processes carries something other than messages/],
    ['exit code', /its process exited with code 4 after do\(\) had returned/],
    ['exit listener', /its process exited with code 5 after do\(\) had returned/],
    ['throw later', /^Uncaught TypeError: nobody waits for it\n.*Isolated\.ts/s],
  ])('has failed by %s', async (deed, message) => {
    const { code, stdout } = await runCli(['runcrons', 'Isolated'], env({ DEED: deed }));
    expect((await rows()).map(row => row.status)).toEqual(['failed']);
    expect((await rows())[0]?.message).toMatch(message);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\[✘\] host\.isolated/m);
  });

  it('ends with its answer although it has replaced process.exit()', async () => {
    await runCli(['runcrons', 'Isolated'], env({ DEED: 'no way to exit', CRON_SETTINGS: '{"timeoutSeconds":20}' }));
    expect(await rows()).toMatchObject([{ status: 'succeeded', message: 'returned' }]);
  });

  it('has in its row what was thrown, whatever that is', async () => {
    const { stderr } = await runCli(['runcrons', '--concurrency', '4'], env({ CRON_JOBS: './thrown/*.ts' }));
    const messages = Object.fromEntries((await rows()).map(({ code, message }) => [code, message]));
    expect(messages).toEqual({
      nothing: 'Thrown: undefined',
      'null-prototype': `Thrown: { message: 'no prototype' }`,
      symbol: 'Thrown: Symbol(a symbol)',
      function: 'Thrown: [Function: aFunction]',
      bigint: 'Thrown: 12345n',
      proxy: expect.stringMatching(/^Thrown: /),
      circular: expect.stringMatching(/^Error: its own cause\n.*\[cause\]: \[Error: see above\]/s),
      'throwing-name': expect.stringMatching(/Error/),
      'function-message': expect.stringMatching(/^Error.*jobs\.ts/s),
      unsendable: expect.stringMatching(/^Error: with a socket\n/),
      huge: expect.stringMatching(/^Error: m{10000}/),
    });
    expect((await rows()).map(({ status }) => status)).toEqual(Array.from({ length: 11 }, () => 'failed'));
    expect(stderr).toBe('');
  }, 120_000);

  it('starts in the folder of its host although a job before it has left that', async () => {
    const jobs = { CRON_JOBS: './wandering/*.ts,./isolated/*.ts' };
    await runCli(['runcrons'], env(jobs));
    expect((await rows()).map(row => [row.code, row.status])).toEqual([
      ['host.wanderer', 'succeeded'],
      ['host.isolated', 'succeeded'],
    ]);
  });

  it('sends of a huge text only what the log keeps', async () => {
    await runCli(['runcrons', 'Isolated'], env({ DEED: 'huge', NODE_OPTIONS: '--max-old-space-size=300' }));
    const [row] = await rows();
    expect(row?.status).toBe('succeeded');
    expect(row?.message).toMatch(/^w+.*\[… cut here: the message had \d+ bytes …\].*r+$/s);
  });

  describe('whose parent dies while it blocks its event loop', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'isolated-'));
    });
    afterEach(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    const start = async (extra = {}) => {
      const pids = join(folder, 'pids');
      const parent = startCli(['runcrons', 'Isolated'], env({ DEED: 'orphan', PIDS: pids, ...extra }));
      const started = await until(
        'the job blocks',
        async () =>
          readFile(pids, 'utf8').then(
            text => (text === '' ? undefined : (JSON.parse(text) as number[])),
            () => undefined,
          ),
        40,
      );
      return { parent, started };
    };
    const alive = async (pids: number[]) => {
      // Without zombies, which nobody may reap in a container.
      const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,stat=', '-p', pids.join(',')]).catch(() => ({
        stdout: '',
      }));
      return stdout.split('\n').filter(line => /^\s*\d+\s+[^Z\s]/.test(line));
    };
    const allGone = async (pids: number[]) => {
      try {
        await until('all have ended', async () => (await alive(pids)).length === 0, 5);
      } finally {
        for (const pid of pids) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // As it should be.
          }
        }
      }
    };

    it('is killed with all that it has started, after kill -9 of the parent', async () => {
      const { parent, started } = await start();
      expect(await alive(started)).toHaveLength(2);
      parent.child.kill('SIGKILL');
      await allGone(started);
      expect(await parent.done).toMatchObject({ signal: 'SIGKILL' });
    });

    it('is killed with all that it has started, after a second SIGTERM', async () => {
      const { parent, started } = await start();
      const noticed = once(parent.child.stderr!, 'data');
      parent.child.kill('SIGTERM');
      await noticed;
      parent.child.kill('SIGTERM');
      await allGone(started);
      expect(await parent.done).toMatchObject({ signal: 'SIGTERM' });
    });

    it('does not work beside the next run of a fileLock(), which is free at once', async () => {
      const lock = { LOCK_FOLDER: folder };
      const { parent, started } = await start(lock);
      parent.child.kill('SIGKILL');
      await parent.done;
      const next = await runCli(['runcrons', 'Isolated'], env(lock));
      expect(next.stdout).toMatch(/^\[✔\] host\.isolated/m);
      const beside = await alive(started);
      await allGone(started);
      expect(beside).toEqual([]);
    });
  });
});
