import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';

describe('a process that runs jobs', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, CRON_JOBS: './careless/*.ts', CRON_SETTINGS: '{"shutdownGraceSeconds":0.2}' };
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log restart identity');
    await database.sql('delete from cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const rows = async () =>
    database.sql('select code, status, message from cron_job_log order by id') as Promise<
      { code: string; status: string; message: string }[]
    >;

  it('outlives what a job throws where nobody waits for it, and its process.exit()', async () => {
    const { code, stdout, stderr } = await runCli(['runcrons'], env);
    const told = (await rows()).map(({ code: job, status, message }) => [job, status, message.split('\n', 1)[0]]);
    const exited = (status: number) =>
      `process.exit(${status}) was called; a job ends by returning or throwing, or give it isolation: 'process'`;
    expect(told).toEqual([
      ['careless.exiting', 'failed', exited(0)],
      ['careless.forgetful', 'failed', 'Uncaught Error: a promise without await'],
      ['careless.hasty', 'failed', 'Uncaught Error: a promise that was overtaken'],
      ['careless.insisting', 'failed', exited(3)],
      ['careless.timed', 'failed', 'Uncaught Error: a timer that throws'],
      ['careless.not_at_all', 'succeeded', 'well done'],
    ]);
    expect(stdout).toMatch(/^\[✘\] careless\.timed in .*: Uncaught Error: a timer that throws$/m);
    expect(stdout).toMatch(/^\[✔\] careless\.not_at_all in .*: no earlier success → well done$/m);
    expect(stdout).toContain('6 jobs: 6 ran, 5 failed');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says in the row how the job settled, with the stack of what nobody caught', async () => {
    await runCli(['runcrons', 'careless.hasty'], env);
    const [{ message } = { message: '' }] = await rows();
    expect(message).toMatch(/^Uncaught Error: a promise that was overtaken\n {4}at .*careless\/jobs\.ts/);
    expect(message).toMatch(/\nThe job settled after its signal was aborted: done already$/);
  });

  it("tells of a rejection that is no job's, goes on, and ends with 1", async () => {
    const { code, stderr } = await runCli(['runcrons', '--config', 'stray.config.ts'], { ...env, STRAY: 'reject' });
    expect(stderr).toMatch(/^mikro-orm-cron: Uncaught Error: from the host\n/);
    expect(code).toBe(1);
    expect((await rows()).map(row => [row.code, row.status])).toEqual([
      ['stray.first', 'succeeded'],
      ['stray.second', 'succeeded'],
    ]);
  });

  it("starts no further job after an exception that is no job's", async () => {
    const { code, stdout, stderr } = await runCli(['runcrons', '--config', 'stray.config.ts'], {
      ...env,
      STRAY: 'throw',
    });
    expect(stderr).toMatch(/^mikro-orm-cron: Uncaught Error: from the host\n/);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\[ \] stray\.second: /);
    expect((await rows()).map(row => [row.code, row.status])).toEqual([['stray.first', 'succeeded']]);
  });

  it('fails a job that waits for what can never come, and goes on', async () => {
    const { code, stdout, stderr } = await runCli(['runcrons'], { ...env, CRON_JOBS: './idle/*.ts' });
    expect((await rows()).map(row => [row.code, row.status, row.message.split('\n', 1)[0]])).toEqual([
      ['idle.coding', 'succeeded', 'coded'],
      [
        'idle.never',
        'failed',
        'Job idle.never: it waits for something that cannot happen: no timer, connection or other handle is left',
      ],
    ]);
    expect(stdout).toContain('2 jobs: 2 ran, 1 failed');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each([
    ['runcrons', []],
    ['cronloop', ['--repeat', '1']],
  ])('ends %s with an exit code of its own, whatever a job sets', async (command, options) => {
    const { code, stdout } = await runCli([command, 'idle.coding', ...options], { ...env, CRON_JOBS: './idle/*.ts' });
    expect(stdout).toContain('1 job: 1 ran');
    expect(code).toBe(0);
  });

  it('does not end silently when the host calls process.exit() while a job runs', async () => {
    const { code, stderr } = await runCli(['runcrons', '--config', 'stray.config.ts'], { ...env, STRAY: 'exit' });
    expect(stderr).toBe(
      'mikro-orm-cron: process.exit() ended the process while stray.first ran; no further job was started\n',
    );
    expect(code).toBe(1);
    expect((await rows()).map(row => [row.code, row.status])).toEqual([['stray.first', 'running']]);
  });
});
