import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

describe('arguments of a forced run', () => {
  let database: TestDatabase;
  const run = async (...words: string[]) =>
    runCli(['runcrons', ...words], {
      DATABASE_URL: database.url,
      CRON_JOBS: './arguments/*.ts,./crons/Quick.ts',
    });
  const rows = () => database.sql('select code, message, run_trigger, arguments from cron_job_log order by id');

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it.each(['host.import_here', 'host.import_isolated'])(
    'are context.args as the schema makes them, for %s',
    async code => {
      const given = ['--arg', 'from=2026-01-01', '--arg', 'only=a=b -- c'];
      expect(await run(code, '--force', ...given)).toMatchObject({ code: 0, stderr: '' });
      expect(await run(code)).toMatchObject({ code: 0, stderr: '' });
      expect(await rows()).toEqual([
        {
          code,
          message: 'from 2026-01-01T00:00:00.000Z only a=b -- c',
          run_trigger: 'forced',
          arguments: '{"from":"2026-01-01","only":"a=b -- c"}',
        },
        { code, message: 'no arguments', run_trigger: 'interval', arguments: null },
      ]);
    },
  );

  it('are shown by cron:log', async () => {
    await run('host.import_here', '--force', '--arg', 'from=2026-01-01');
    const env = { DATABASE_URL: database.url };
    const [{ id }] = (await database.sql<{ id: string }>('select id from cron_job_log')) as [{ id: string }];
    expect((await runCli(['cron:log', id], env)).stdout).toMatch(
      / {2}trigger {2}forced by \S+@\S+\n {2}args {5}\{"from":"2026-01-01"\}\n/,
    );
    const { stdout } = await runCli(['cron:log', id, '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ trigger: 'forced', arguments: { from: '2026-01-01' } });
  });

  it.each<[string[], string]>([
    [['host.import_here', '--force', '--arg', 'from=May'], 'Job host.import_here refuses its arguments: from: Invalid'],
    [['--force', '--arg', 'from=2026-01-01'], 'args is for one job, but 3 are selected'],
    [['host.import_here', '--arg', 'from=2026-01-01'], '--arg needs --force: only a forced run has arguments'],
  ])('are refused before anything runs: %j', async (words, message) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(await rows()).toEqual([]);
  });
});
