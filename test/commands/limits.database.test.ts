import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, HOST, runCli, startCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { startTcp, type TestTcp } from '../helpers/tcp.ts';
import { until } from '../helpers/until.ts';

const NO_TIME = '{"connectTimeoutSeconds":0.5}';
const MUCH_TIME = '{"connectTimeoutSeconds":120}';

/** Keeps what a file could have kept before anything guards it. */
const KEPT_EXIT = '--import=data:text/javascript,globalThis.keptExit=process.exit';

/** What a command printed to stderr, and how it ended. */
function told({ code, signal, stderr }: CliResult) {
  return { code, signal, stderr };
}

/** Waits until a command waits: what it does next would need an answer. */
async function untilConnected(server: TestTcp): Promise<void> {
  await until('the command has connected', async () => server.open() > 0, 40);
}

describe('a database that accepts connections and never answers', () => {
  let server: TestTcp;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await startTcp(() => undefined);
    database = await createTestDatabase();
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
       values ('host.seen', now(), now(), 'succeeded', '', 'here', 1)`,
    );
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const silent = () => `postgresql://cron:secret@127.0.0.1:${server.port}/app`;
  const noAnswer = /^mikro-orm-cron: Database 'app': no answer within 0\.5 s \(connectTimeoutSeconds\).*\n$/;

  it.each([
    ['runcrons'],
    ['cron:list'],
    ['cron:log', '--follow'],
    ['cron:prune', '--older-than-days', '30'],
    ['cron:unlock', 'Quick', '--yes'],
  ])('ends %s %s with 1 and one line', async (...args) => {
    const { code, stdout, stderr } = await runCli(args, { DATABASE_URL: silent(), CRON_SETTINGS: NO_TIME });
    expect(stderr).toMatch(noAnswer);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('is a problem that cron:check finds, and goes on with what needs no database', async () => {
    const { code, stdout, stderr } = await runCli(['cron:check'], { DATABASE_URL: silent(), CRON_SETTINGS: NO_TIME });
    expect(stdout).toMatch(/^✘ database {3}Database 'app': no answer within 0\.5 s/m);
    expect(stdout).toMatch(/^- clock .*needs the database$/m);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('ends the last tick of a loop, and the loop with 1', async () => {
    const { code, stderr } = await runCli(['cronloop', '--repeat', '1', '--sleep', '0.1'], {
      DATABASE_URL: silent(),
      CRON_SETTINGS: NO_TIME,
    });
    expect(stderr).toMatch(/^mikro-orm-cron: Database 'app': no answer within 0\.5 s .*; that was the last tick\n$/);
    expect(code).toBe(1);
  });

  it.each([
    ['@mikro-orm/mysql', 'mysql'],
    ['@mikro-orm/mariadb', 'mariadb'],
  ])('ends a tick by %s with 1 and one line', async (driver, scheme) => {
    const { code, stdout, stderr } = await runCli(['runcrons', '--config', 'drivers.config.ts'], {
      DRIVER: JSON.stringify({
        driver,
        connection: { clientUrl: `${scheme}://cron:secret@127.0.0.1:${server.port}/app` },
      }),
      CRON_SETTINGS: NO_TIME,
    });
    expect(stderr).toMatch(noAnswer);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it.each([
    ['runcrons', 'SIGTERM', { code: 1, signal: null }],
    ['cronloop', 'SIGINT', { code: 1, signal: null }],
    ['cron:list', 'SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['cron:check', 'SIGINT', { code: null, signal: 'SIGINT' }],
    ['cron:prune', 'SIGTERM', { code: 1, signal: null }],
  ] as const)('does not keep %s after one %s, also when the host listens for it', async (command, signal, end) => {
    await using own = await startTcp(() => undefined);
    const { child, done } = startCli([command, ...(command === 'cron:prune' ? ['--older-than-days', '30'] : [])], {
      DATABASE_URL: `postgresql://cron:secret@127.0.0.1:${own.port}/app`,
      CRON_SETTINGS: MUCH_TIME,
      CRON_JOBS: './loading/*.ts',
      DOING: 'listen',
    });
    await untilConnected(own);
    const sentAt = performance.now();
    child.kill(signal);
    expect(told(await done)).toMatchObject(end);
    expect(performance.now() - sentAt).toBeLessThan(3_000);
  });

  it('does not keep cron:log --follow after SIGTERM, once it has begun to follow', async () => {
    await using locker = await lockTable(database.url, 'cron_job_log', false);
    const { child, done } = startCli(['cron:log', '--follow'], {
      DATABASE_URL: database.url,
      CRON_SETTINGS: MUCH_TIME,
    });
    await untilFollowing(child);
    await locker.lock();
    await until('it waits', async () => (await waiting(database)) > 0);
    child.kill('SIGTERM');
    expect(told(await done)).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('is told of once while cron:log --follow goes on', async () => {
    await using locker = await lockTable(database.url, 'cron_job_log', false);
    const { child, done } = startCli(['cron:log', '--follow'], {
      DATABASE_URL: database.url,
      CRON_SETTINGS: '{"connectTimeoutSeconds":3}',
    });
    let stderr = '';
    child.stderr?.on('data', chunk => (stderr += chunk));
    await untilFollowing(child);
    await locker.lock();
    await until('it says so', async () => stderr.includes('trying again'));
    child.kill('SIGTERM');
    expect(told(await done)).toEqual({
      code: 0,
      signal: null,
      stderr: expect.stringMatching(/^mikro-orm-cron: the log could not be read, trying again: .*no answer.*\n$/),
    });
  });

  it.each([['runcrons'], ['cron:log']])('is what a locked table looks like to %s %s', async (...args) => {
    await using _ = await lockTable(database.url, 'cron_job_log');
    const { code, stderr } = await runCli(args, { DATABASE_URL: database.url, CRON_SETTINGS: NO_TIME });
    expect(stderr).toMatch(/^mikro-orm-cron: Database 'test_\w+': no answer within 0\.5 s .*lock.*\n$/);
    expect(code).toBe(1);
  });
});

describe('a file that never finishes importing', () => {
  const env = { DATABASE_URL: 'postgresql://127.0.0.1:1/none', CRON_JOBS: './loading/*.ts' };

  it.each(['hangAlive', 'exitCode'])('is named, and the tick ends with 1 (%s)', async doing => {
    const { code, stdout, stderr } = await runCli(['runcrons'], { ...env, DOING: doing, CRON_SETTINGS: NO_TIME });
    expect(stderr).toBe(
      'mikro-orm-cron: Job file ./loading/Loading.ts cannot be imported: it has not finished within 0.5 s (connectTimeoutSeconds); does it await something that never comes?\n',
    );
    expect({ code, stdout: stdout.replace('importing\n', '') }).toEqual({ code: 1, stdout: '' });
  });

  it.each(['hang'])('is named when it is the config (%s)', async doing => {
    const { code, stderr } = await runCli(['runcrons', '--config', 'loading.config.ts'], {
      ...env,
      DOING: doing,
      MIKRO_ORM_CRON_CONNECT_TIMEOUT_SECONDS: '2',
    });
    expect(stderr).toBe(
      'mikro-orm-cron: MikroORM config: loading.config.ts cannot be loaded: it has not finished within 2 s (MIKRO_ORM_CRON_CONNECT_TIMEOUT_SECONDS); does it await something that never comes?\n',
    );
    expect(code).toBe(1);
  });

  it('ends at once on SIGTERM', async () => {
    const { child, done } = startCli(['runcrons'], { ...env, DOING: 'hangAlive', CRON_SETTINGS: MUCH_TIME });
    let stdout = '';
    child.stdout?.on('data', chunk => (stdout += chunk));
    await until('it is importing', async () => stdout.includes('importing'), 40);
    child.kill('SIGTERM');
    const { code, stderr } = await done;
    expect(stderr).toMatch(
      /^mikro-orm-cron: SIGTERM: .*\nmikro-orm-cron: the tick was stopped before it started: Shut down by SIGTERM\n$/,
    );
    expect(code).toBe(1);
  });

  it('refuses a time that is none', async () => {
    expect(await runCli(['runcrons'], { ...env, MIKRO_ORM_CRON_CONNECT_TIMEOUT_SECONDS: 'soon' })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^mikro-orm-cron: MIKRO_ORM_CRON_CONNECT_TIMEOUT_SECONDS: "soon" is not allowed; it must be a number above 0/,
      ),
    });
  });
});

describe('a file that ends the process while it is imported', () => {
  const env = { DATABASE_URL: 'postgresql://127.0.0.1:1/none', CRON_JOBS: './loading/*.ts' };

  it.each([
    ['exit', 'it called process.exit(0) at '],
    ['exitCaught', 'it called process.exit(0) at '],
    ['exitLater', 'it called process.exit(0) at '],
    ['exitByPromise', 'it called process.exit() at '],
    ['exitKept', 'the process was ended meanwhile'],
    ['throwLater', 'Uncaught Error: from a timer'],
  ])('is named with what it did, and the tick ends with 1 (%s)', async (doing, what) => {
    const { code, stdout, stderr } = await runCli(['runcrons'], {
      ...env,
      DOING: doing,
      NODE_OPTIONS: KEPT_EXIT,
    });
    expect(stderr).toMatch(/^mikro-orm-cron: Job file \.\/loading\/Loading\.ts cannot be imported: .*\n$/);
    expect(stderr).toContain(what);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it.each(['exitLater', 'exitKept'])('is named when it is the config (%s)', async doing => {
    const { code, stderr } = await runCli(['cron:list', '--config', 'loading.config.ts'], {
      ...env,
      DOING: doing,
      NODE_OPTIONS: KEPT_EXIT,
    });
    expect(stderr).toMatch(/^mikro-orm-cron: MikroORM config: loading\.config\.ts cannot be loaded: .*\n$/);
    expect(code).toBe(1);
  });

  it('is a finding of cron:check', async () => {
    const { code, stdout } = await runCli(['cron:check', '--offline'], { ...env, DOING: 'exit' });
    expect(stdout).toMatch(
      /^✘ jobs .*Job file \.\/loading\/Loading\.ts cannot be imported: it called process\.exit\(0\)/m,
    );
    expect(code).toBe(1);
  });
});

// Making a namespace of processes is for root alone.
describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('the first process of a container', () => {
  it('ends by SIGTERM while it waits for a database, which the kernel would not do by itself', async () => {
    await using server = await startTcp(() => undefined);
    const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
    const child = spawn('unshare', ['--pid', '--fork', '--kill-child', process.execPath, cli, 'cron:list'], {
      cwd: HOST,
      env: {
        ...process.env,
        VITEST: undefined,
        DATABASE_URL: `postgresql://cron:secret@127.0.0.1:${server.port}/app`,
        CRON_SETTINGS: MUCH_TIME,
      },
      stdio: 'ignore',
    });
    const done = new Promise(resolve => child.on('close', code => resolve(code)));
    await untilConnected(server);
    const inner = await until('it has a child', async () => {
      let found = '';
      for await (const chunk of spawn('pgrep', ['-P', String(child.pid)]).stdout) {
        found += chunk;
      }
      return Number(found.trim()) || undefined;
    });
    process.kill(inner, 'SIGTERM');
    expect(await done).toBe(143);
  });
});

/** Another session that keeps a table to itself. */
async function lockTable(clientUrl: string, table: string, atOnce = true) {
  const orm = await MikroORM.init({ clientUrl, entities: [], discovery: { warnWhenNoEntities: false } });
  const em = orm.em.fork();
  await em.begin();
  const lock = async () => em.execute(`lock table ${table} in access exclusive mode`);
  if (atOnce) {
    await lock();
  }
  return {
    lock,
    async [Symbol.asyncDispose]() {
      await em.rollback();
      await orm.close(true);
    },
  };
}

/** What was there before is shown when all is read that following needs. */
async function untilFollowing({ stdout }: ChildProcess): Promise<void> {
  let shown = '';
  stdout?.on('data', chunk => (shown += chunk));
  await until('it follows', async () => shown.includes('host.seen'), 40);
}

async function waiting(database: TestDatabase): Promise<number> {
  const rows = await database.sql(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}
