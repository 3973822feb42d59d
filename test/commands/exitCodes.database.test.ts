import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { until } from '../helpers/until.ts';

describe('the exit code of a command is its own', () => {
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
  afterAll(() => database[Symbol.asyncDispose]());

  const statuses = async () =>
    (await database.sql<{ status: string }>('select status from cron_job_log order by id')).map(({ status }) => status);
  const exited = (code: string) =>
    new RegExp(
      `Job file \\./ending/Exiting\\.ts cannot be imported: it called process\\.exit\\(${code}\\) at \\S+Exiting\\.ts:2:9$`,
      'm',
    );

  it.each([
    ['runcrons', '0'],
    ['runcrons', '3'],
    ['cronloop', '0'],
    ['cron:list', '0'],
  ])('%s: 1 when a file of the host calls process.exit(%s)', async (command, code) => {
    const exiting = { ...env, CRON_JOBS: './ending/Exiting.ts', EXIT_WITH: code };
    expect(await runCli([command], exiting)).toMatchObject({ code: 1, stderr: expect.stringMatching(exited(code)) });
  });

  it('cron:check: 1 when a file of the host calls process.exit(0), and the other checks are made', async () => {
    const { code, stdout } = await runCli(['cron:check'], { ...env, CRON_JOBS: './ending/Exiting.ts' });
    expect(code).toBe(1);
    expect(stdout).toMatch(exited('0'));
    expect(stdout).toMatch(/^✔ encoding /m);
  });

  it('cron:log: 0 when a file of the host calls process.exit(3): the history can be read all the same', async () => {
    const exiting = { ...env, CRON_JOBS: './ending/Exiting.ts', EXIT_WITH: '3' };
    expect(await runCli(['cron:log'], exiting)).toMatchObject({ code: 0, stdout: 'No such runs\n', stderr: '' });
  });

  it('1 when a file of the host waits for what never comes', async () => {
    const waiting = { ...env, CRON_JOBS: './ending/Waiting.ts', CRON_SETTINGS: '{"connectTimeoutSeconds":5}' };
    expect(await runCli(['runcrons'], waiting)).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr:
        'mikro-orm-cron: Job file ./ending/Waiting.ts cannot be imported: it has not finished within 5 s (connectTimeoutSeconds); does it await something that never comes?\n',
    });
  });

  it.each([
    [['runcrons'], 0],
    [['cronloop', '--repeat', '1'], 0],
    [['cron:list'], 0],
    [['cron:unlock', 'nope', '--yes'], 1],
  ])('whatever the host sets process.exitCode to: %j', async (args, code) => {
    expect((await runCli(args, { ...env, CRON_JOBS: './ending/Meddling.ts' })).code).toBe(code);
  });

  it('1 of a loop that a signal ends while its tick could not be made', async () => {
    const loop = startCli(['cronloop'], { DATABASE_URL: 'postgresql://postgres@127.0.0.1:1/nowhere' });
    let stderr = '';
    loop.child.stderr!.on('data', chunk => (stderr += chunk));
    await until('the loop tries again', async () => stderr.includes('trying again in'));
    loop.child.kill('SIGTERM');
    expect((await loop.done).code).toBe(1);
  });

  it('as under SIGTERM when its terminal or session goes away', async () => {
    const loop = startCli(['cronloop', '--sleep', '0.1'], { ...env, CRON_JOBS: './waiting/*.ts' });
    await until('the job is running', async () => (await statuses())[0] === 'running');
    loop.child.kill('SIGHUP');
    await delay(200);
    await database.sql('create table go ()');
    expect(await loop.done).toMatchObject({
      code: 0,
      signal: null,
      stderr: expect.stringContaining('SIGHUP: no further job starts'),
    });
    expect(await statuses()).toEqual(['succeeded']);
  });

  it('0 of a log that was followed until SIGHUP', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       values ('host.quick', now(), now(), 'succeeded', '', 'web-1', 7)`,
    );
    const log = startCli(['cron:log', '--follow'], env);
    let stdout = '';
    log.child.stdout!.on('data', chunk => (stdout += chunk));
    await until('it shows the log', async () => stdout.includes('host.quick'));
    log.child.kill('SIGHUP');
    expect(await log.done).toMatchObject({ code: 0, signal: null });
  });
});
