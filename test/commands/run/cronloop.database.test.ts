import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOST, runCli, startCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { until } from '../../helpers/until.ts';

describe('cronloop', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
    await database.sql('drop table if exists go');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const statuses = async () =>
    (await database.sql<{ status: string }>('select status from cron_job_log order by id')).map(({ status }) => status);

  it('ticks as often as it is told, and exits with 0', async () => {
    const { code, stdout, stderr } = await runCli(['cronloop', 'Quick', '--sleep', '0.1', '--repeat', '3'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^1 job: /gm)).toHaveLength(3);
    expect(await statuses()).toEqual(['succeeded']);
  });

  it('ends at once on SIGTERM between two ticks, with 0', async () => {
    const loop = startCli(['cronloop', 'Quick'], env);
    await until('the first tick is made', async () => (await statuses())[0] === 'succeeded');
    loop.child.kill('SIGTERM');
    expect(await loop.done).toMatchObject({ code: 0, signal: null });
  });

  it('lets the running job finish on SIGTERM, and gives its lock back', async () => {
    const loop = startCli(['cronloop', '--sleep', '0.1'], { ...env, CRON_JOBS: './waiting/*.ts' });
    await until('the job is running', async () => (await statuses())[0] === 'running');
    loop.child.kill('SIGTERM');
    await database.sql('create table go ()');
    expect(await loop.done).toMatchObject({ code: 0 });
    expect(await statuses()).toEqual(['succeeded']);
    expect(await database.sql('select 1 from cron_job_lock where owner is not null')).toEqual([]);
  });

  it('ends at once for a job that is not there, and for bad numbers', async () => {
    expect(await runCli(['cronloop', 'NoSuchJob'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^mikro-orm-cron: There is no job 'NoSuchJob'; known jobs: /),
    });
    for (const [option, value] of [
      ['sleep', '0'],
      ['repeat', '0'],
      ['jitter', '-1'],
      ['concurrency', '1.5'],
    ] as const) {
      expect(await runCli(['cronloop', `--${option}=${value}`], env)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          new RegExp(`^mikro-orm-cron: --${option}: '${value}' is not allowed; it must be `),
        ),
      });
    }
  });

  // Making a namespace of processes is for root alone.
  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'works as the first process of a container: SIGTERM ends it gently, a second one at once',
    async () => {
      const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
      const asFirst = (jobs: string, extra: NodeJS.ProcessEnv = {}) => {
        const child = spawn('unshare', ['--pid', '--fork', '--kill-child', process.execPath, cli, 'cronloop'], {
          cwd: HOST,
          env: { ...process.env, ...env, CRON_JOBS: jobs, ...extra },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.on('data', chunk => (stderr += chunk));
        const done = new Promise(resolve => child.on('close', code => resolve(code)));
        return { child, done, stderr: () => stderr };
      };
      /** The process within the namespace, as seen from here. */
      const inner = async (pid: number) =>
        until('it has a child', async () => {
          const { stdout } = spawn('pgrep', ['-P', String(pid)]);
          let found = '';
          for await (const chunk of stdout) {
            found += chunk;
          }
          return Number(found.trim()) || undefined;
        });

      const gentle = asFirst('./crons/Quick.ts');
      await until('the first tick is made', async () => (await statuses())[0] === 'succeeded');
      process.kill(await inner(gentle.child.pid!), 'SIGTERM');
      expect(await gentle.done).toBe(0);

      await database.sql('truncate cron_job_log, cron_job_lock');
      const deaf = asFirst('./waiting/*.ts', { DEAF: '1' });
      await until('the job is running', async () => (await statuses())[0] === 'running');
      const pid = await inner(deaf.child.pid!);
      process.kill(pid, 'SIGTERM');
      await until('it has heard the first', async () => deaf.stderr().includes('no further job starts'));
      process.kill(pid, 'SIGTERM');
      expect(await deaf.done).toBe(143);
      expect(await statuses()).toEqual(['running']);
    },
  );
});
