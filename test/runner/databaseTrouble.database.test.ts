import type { Options } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CronJobContext, type CronSettings, defineCronJob, Schedule } from '../../src/index.ts';
import { runCli, startCli } from '../helpers/cli.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';
import { createMigratedDatabase, type PostgresServer, startPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

describe('with a database in trouble', () => {
  let server: PostgresServer;
  let url: string;
  const database = {
    init: (options: Partial<Options>) => MikroORM.init({ clientUrl: url, ...options } as never),
  };
  let app: TestHost | undefined;
  let round = 0;

  beforeAll(async () => {
    server = await startPostgres({ isDurable: true });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    url = await createMigratedDatabase(server.url, `trouble_${++round}`);
  });
  afterEach(async () => {
    await app?.[Symbol.asyncDispose]();
    app = undefined;
  });

  const job = (code: string, run: (context: CronJobContext) => unknown) =>
    defineCronJob({ code, schedule: new Schedule({ runEveryMins: 60 }), do: run });
  const createHost = async (jobs: CronSettings['jobs'], settings: Partial<CronSettings> = {}) =>
    (app = await createTestHost(database, { jobs, ...settings }));
  const sql = async <Row extends object>(statement: string): Promise<Row[]> => {
    const onlooker = await createTestHost(database, { jobs: [] });
    try {
      return await onlooker.orm.em.fork().execute<Row[]>(statement);
    } finally {
      await onlooker[Symbol.asyncDispose]();
    }
  };
  const rows = async () =>
    sql<{ code: string; status: string; message: string }>(
      'select code, status, message from cron_job_log order by code, id',
    );

  /** Ten jobs that all wait until they are let go. */
  async function tenRunning() {
    const go = Promise.withResolvers<void>();
    let running = 0;
    const jobs = Array.from({ length: 10 }, (_, index) =>
      job(`job_${index}`, async () => {
        running++;
        await go.promise;
        return 'outlived the database';
      }),
    );
    const { runner } = await createHost(jobs, { concurrency: 10 });
    const tick = runner.run();
    await until('ten jobs are running', async () => running === 10);
    return { tick, go };
  }

  it.each(['stop', 'kill'] as const)('loses no outcome of ten running jobs over a %s and restart', async how => {
    const { tick, go } = await tenRunning();
    await server[how]();
    go.resolve();
    // The first writes of the outcomes meet a server that is down.
    await new Promise(resolve => setTimeout(resolve, 300));
    await server.start();
    const { jobs } = await tick;
    expect(jobs.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'succeeded'));
    expect((await rows()).map(({ status, message }) => `${status}: ${message}`)).toEqual(
      Array.from({ length: 10 }, () => 'succeeded: outlived the database'),
    );
  });

  it('logs a job as failed whose connection was cut, and goes on', async () => {
    const cut = job('a', ({ em }) =>
      em.execute('select pg_terminate_backend(pg_backend_pid())').then(() => em.execute('select 1')),
    );
    const { runner } = await createHost([cut, job('b', () => 'ran')]);
    const { jobs } = await runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded']);
    expect((await rows())[0]).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/terminating connection/),
    });
  });

  it('says on stderr what could not be written, and exits with 1, when the database stays away', async () => {
    const env = { DATABASE_URL: url, CRON_JOBS: './patient/*.ts', CRON_SETTINGS: '{"lockTimeSeconds":1}' };
    const tick = startCli(['runcrons'], env);
    await until('the job is running', async () => (await rows()).length === 1);
    await server.stop();
    try {
      const { code, stderr } = await tick.done;
      expect(stderr).toMatch(
        /host\.patient: its outcome \(\w+\) could not be written: .*(?:ECONNREFUSED|shutting down)/,
      );
      expect(stderr).toContain('has seen the database go');
      expect(code).toBe(1);
    } finally {
      await server.start();
    }
    expect(await rows()).toEqual([expect.objectContaining({ status: 'running' })]);
  });

  it.each([
    { pace: 'a loop at a steady pace', flags: ['--no-exact'], sign: '[ ] host.quick' },
    // It does not name jobs that are not due, so one is made due again.
    { pace: 'an exact loop', flags: [], sign: '[✔] host.quick' },
  ])('$pace says in one line that the database is away, and goes on when it is back', async ({ flags, sign }) => {
    const loop = startCli(['cronloop', '--sleep', '0.2', ...flags], {
      DATABASE_URL: url,
      CRON_JOBS: './crons/Quick.ts',
    });
    let told = '';
    loop.child.stderr?.on('data', chunk => (told += chunk));
    let printed = '';
    loop.child.stdout?.on('data', chunk => (printed += chunk));
    await until('the job has run', async () => printed.includes('[✔] host.quick'));
    await server.stop();
    await until('it says so', async () => told.includes('ECONNREFUSED'));
    await server.start();
    const before = printed.length;
    if (sign.startsWith('[✔]')) {
      await sql('delete from cron_job_log');
    }
    await until('it ticks again', async () => printed.slice(before).includes(sign));
    loop.child.kill('SIGTERM');
    const { code, stderr } = await loop.done;
    expect(code).toBe(0);
    for (const line of stderr.trimEnd().split('\n').slice(0, -1)) {
      expect(line).toMatch(/^mikro-orm-cron: Database '\w+': .*; trying again in [\d.]+ s$/);
    }
    expect(stderr).toMatch(/SIGTERM: no further job starts/);
  });

  it('a tick that finds the database away runs nothing and exits with 1', async () => {
    await server.stop();
    try {
      expect(await runCli(['runcrons'], { DATABASE_URL: url })).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^mikro-orm-cron: Database '\w+': .*ECONNREFUSED.*\n$/),
      });
    } finally {
      await server.start();
    }
  });
});
