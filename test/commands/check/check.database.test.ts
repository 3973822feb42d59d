import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cron, cronEntities } from '../../../src/index.ts';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { runInTerminal } from '../../helpers/terminal.ts';

const SHIPPED = fileURLToPath(new URL('../../../migrations/index.ts', import.meta.url));
const INSTALLED = ['CreateCronTablesPostgreSql', 'AddCronFencesPostgreSql', 'AddCronStatePostgreSql'];
const FILES = [
  'Migration20260101000000_Cron.ts',
  'Migration20260101000001_Fences.ts',
  'Migration20260101000002_State.ts',
];

describe('cron:check', () => {
  let database: TestDatabase;
  let migrations: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    database = await createTestDatabase();
    migrations = await mkdtemp(join(tmpdir(), 'migrations-'));
    await install();
    env = { DATABASE_URL: database.url, MIGRATIONS: migrations };
  });
  afterEach(async () => {
    await rm(migrations, { recursive: true });
    await database[Symbol.asyncDispose]();
  });

  const install = async () => {
    for (const [at, name] of INSTALLED.entries()) {
      await writeFile(join(migrations, FILES[at]!), `export { ${name} } from '${SHIPPED}';\n`);
    }
  };
  const uninstall = async () => {
    for (const file of FILES) {
      await rm(join(migrations, file));
    }
  };
  const check = async (args: string[] = [], extra: NodeJS.ProcessEnv = {}) =>
    runCli(['cron:check', '--config', './migrated.config.ts', ...args], { ...env, ...extra });
  /** The one problem that is found, with its way out. */
  const problem = async (extra: NodeJS.ProcessEnv = {}, args: string[] = []) => {
    const { code, stdout, stderr } = await check(args, extra);
    expect({ code, stderr, problems: stdout.match(/^✘/gm)?.length }).toEqual({ code: 1, stderr: '', problems: 1 });
    return /^✘ .+\n +→ .+$/m.exec(stdout)?.[0];
  };
  const hostOrm = () =>
    MikroORM.init({
      clientUrl: database.url,
      entities: cronEntities,
      extensions: [Migrator, cron({ jobs: [] })],
      migrations: { path: migrations, snapshotName: '.snapshot' },
      logger: () => undefined,
    });

  it('finds nothing wrong with a host that is in order, a line a check, and writes nothing', async () => {
    const { code, stdout, stderr } = await check();
    expect(stdout.split('\n')).toEqual([
      '✔ config     the settings are valid: timeZone UTC, lockTimeSeconds 300, concurrency 1',
      '✔ jobs       2 jobs: host.failing, host.quick',
      expect.stringMatching(/^✔ database {3}'test_\w+' answers$/),
      '✔ schedules  every schedule has a next run',
      '✔ migration  CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql installed',
      '✔ tables     cron_job_log, cron_job_lock and cron_job_state match the entities',
      '✔ encoding   the database keeps text as UTF8',
      '✔ locks      databaseLock() can be asked; 0 of 2 held',
      '✔ session    its settings suit locks and log',
      expect.stringMatching(/^✔ clock {6}this host's clock and the database's differ by \d+ ms$/),
      '',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await database.sql(`select tablename from pg_tables where schemaname = 'public' order by 1`)).toEqual([
      { tablename: 'cron_job_lock' },
      { tablename: 'cron_job_log' },
      { tablename: 'cron_job_state' },
      { tablename: 'mikro_orm_migrations' },
    ]);
    expect(await database.sql('select code from cron_job_log union all select code from cron_job_lock')).toEqual([]);
  });

  it('prints one documented JSON shape', async () => {
    const { code, stdout } = await check(['--json'], { CRON_JOBS: './schedules/*.ts' });
    expect(code).toBe(1);
    const { ok, checks } = JSON.parse(stdout);
    expect(ok).toBe(false);
    expect(checks.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
      ['config', 'ok'],
      ['jobs', 'ok'],
      ['database', 'ok'],
      ['schedules', 'problem'],
      ['migration', 'ok'],
      ['tables', 'ok'],
      ['encoding', 'ok'],
      ['locks', 'ok'],
      ['session', 'ok'],
      ['clock', 'ok'],
    ]);
    expect(checks[3]).toEqual({
      name: 'schedules',
      status: 'problem',
      text: expect.stringMatching(/^misc\.never will never be due: /),
      remedy: 'change its days or its cron expression',
    });
    expect(checks[4].remedy).toBe(null);
  });

  it('does without a database when asked to, and with --offline needs none', async () => {
    const nowhere = { DATABASE_URL: 'postgresql://postgres:secret@127.0.0.1:1/nowhere' };
    expect((await check(['--offline'], nowhere)).code).toBe(0);
    expect((await check(['--offline'], nowhere)).stdout).toMatch(/^- database {3}not asked, because of --offline$/m);
    expect(await problem(nowhere)).toMatch(
      /^✘ database {3}Database 'nowhere': .*ECONNREFUSED.*\n +→ check that the server/,
    );
  });

  it('finds a job that cannot be loaded', async () => {
    expect(await problem({ CRON_JOBS: './broken/*.ts' })).toMatch(
      /^✘ jobs {7}Job file .*Broken\.ts cannot be imported: TypeError: .+\n +→ fix the job/,
    );
  });

  it('does not go on about locks when there are no jobs, and shows the line that says where', async () => {
    const { stdout } = await check([], { CRON_JOBS: './unreadable/*.ts' });
    expect(stdout).toMatch(/^✘ jobs {7}Job file \S+Unreadable\.ts cannot be imported: .*Unreadable\.ts:\d+.*$/m);
    expect(stdout).toMatch(/^- locks {6}needs the jobs$/m);
  });

  it('finds a config that cannot be used', async () => {
    const { code, stdout, stderr } = await runCli(['cron:check'], { ...env, CRON_SETTINGS: '{"timeZone":"Prague"}' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^✘ config {5}.*cron\(\{ timeZone \}\): "Prague" is not allowed/);
    expect((await runCli(['cron:check'], { ...env, WITHOUT_CRON: '1' })).stdout).toMatch(
      /the MikroORM config has no cron/,
    );
  });

  it('finds schedules that never come, also behind an interval', async () => {
    const { stdout } = await check([], { CRON_JOBS: './never/*.ts' });
    expect(stdout).toMatch(/^✘ schedules {2}never\.at_all will never be due: .+\n +→ change its days/m);
    expect(stdout).toMatch(/^✘ schedules {2}never\.half has times that never come: every hour and .+\n +→ /m);
    expect(stdout.match(/^✘/gm)).toHaveLength(2);
  });

  it('finds tables, columns and indexes that are missing', async () => {
    await database.sql('alter table cron_job_log drop column ran_at_time');
    expect(await problem()).toMatch(
      /^✘ tables {5}cron_job_log has no column ran_at_time\n +→ run `npx mikro-orm migration:up --config \.\/migrated\.config\.ts`/,
    );
    await database.sql('alter table cron_job_log add ran_at_time varchar(5)');
    await database.sql('drop index cron_job_log_end_time_index');
    expect(await problem()).toContain('cron_job_log lacks the index cron_job_log_end_time_index');
    await database.sql('create index cron_job_log_end_time_index on cron_job_log (end_time)');
    await database.sql('create table of_the_host (id int)');
    expect((await check()).code).toBe(0);
    await database.sql('drop table cron_job_log');
    expect(await problem()).toContain('the table cron_job_log');
  });

  it('finds a migration that is not installed', async () => {
    await uninstall();
    await writeFile(join(migrations, 'Migration20260101000000_Host.ts'), 'export class Host {}');
    expect(await problem({}, ['--offline'])).toMatch(
      /^✘ migration {2}the host's migrations lack CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql\n +→ run `npx mikro-orm-cron cron:install --config \.\/migrated\.config\.ts`, then/,
    );
  });

  it('finds the order trap: migration:create before migration:up', async () => {
    await using bare = await createTestDatabase('template0');
    const orm = await MikroORM.init({
      clientUrl: bare.url,
      entities: cronEntities,
      extensions: [Migrator, cron({ jobs: [] })],
      migrations: { path: migrations, snapshotName: '.snapshot' },
      logger: () => undefined,
    });
    await orm.migrator.create();
    await orm.close(true);
    expect(await problem({}, ['--offline'])).toMatch(
      /(\S+Migration\d+\.ts) creates the tables that the installed migrations create too\n +→ delete the statements about cron_job_log, cron_job_lock and cron_job_state from \1; or, if it has been run already, the files \S+Migration20260101000000_Cron\.ts and \S+_Fences\.ts and \S+_State\.ts$/,
    );
  });

  it('does not lead into the order trap: a host whose own migration creates the tables runs that', async () => {
    await using bare = await createTestDatabase('template0');
    await uninstall();
    await writeFile(
      join(migrations, 'Migration20260202000000.ts'),
      'export class Own { up() { this.addSql(`create table "cron_job_log" ()`); } }',
    );
    const { stdout } = await check([], { DATABASE_URL: bare.url });
    expect(stdout).toMatch(/^✔ migration {2}the tables are created by \S+Migration20260202000000\.ts$/m);
    expect(stdout).toMatch(
      /^✘ tables {5}the table cron_job_log is missing; the table cron_job_lock is missing; the table cron_job_state is missing\n +→ run `npx mikro-orm migration:up --config \.\/migrated\.config\.ts`; /m,
    );
    expect(stdout).toMatch(/^- locks {6}needs the tables$/m);

    const refused = await runCli(['cron:install', '--config', './migrated.config.ts'], {
      ...env,
      DATABASE_URL: bare.url,
    });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^mikro-orm-cron: cron:install: \S+Migration20260202000000\.ts, a migration of your own, creates the tables already, so there is nothing to install; run `npx mikro-orm migration:up`, /,
      ),
    });
  });

  describe('of a host whose own migration created the tables', () => {
    const own = async (name: string, sql: string) =>
      writeFile(join(migrations, `${name}.ts`), `export class ${name} { up() { this.addSql(\`${sql}\`); } }`);

    beforeEach(async () => {
      await rm(join(migrations, FILES[0]!));
      await own('Migration20250101000000', 'create table "cron_job_log" ("id" bigserial, "code" varchar(64));');
    });

    it('takes the shipped migration that only adds to them for no trap', async () => {
      expect((await check(['--offline'])).stdout).toMatch(
        /^✔ migration {2}the tables are created by \S+Migration20250101000000\.ts; AddCronFencesPostgreSql, AddCronStatePostgreSql installed$/m,
      );
    });

    it.each([
      ['AddCronFencesPostgreSql', 'alter table "cron_job_log" add "fence" bigint not null default 0, add "x" int;'],
      ['AddCronFencesPostgreSql', 'alter table "public"."cron_job_log" add column "fence" bigint not null default 0;'],
      ['AddCronFencesPostgreSql', 'create table "cron_job_log" ("id" bigserial, "fence" bigint not null default 0);'],
      ['AddCronStatePostgreSql', 'create table "cron_job_state" ("code" varchar(64));'],
    ])('finds the trap of a change that %s makes too: %s', async (twin, sql) => {
      await own('Migration20250202000000', sql);
      const found = await problem({}, ['--offline']);
      expect(found).toMatch(/^✘ migration {2}\S+Migration20250202000000\.ts makes the change that the installed /);
      expect(found).toContain(`the installed migration ${twin} makes too\n`);
      expect(found).toMatch(
        / from \S+Migration20250202000000\.ts; or, if it has been run already, the files? .*_State\.ts$/,
      );
    });

    it('does not take a column that it drops for one', async () => {
      await own('Migration20250202000000', 'alter table "cron_job_log" drop column "fence";');
      expect((await check(['--offline'])).stdout).toContain(
        'AddCronFencesPostgreSql, AddCronStatePostgreSql installed',
      );
    });
  });

  it('does not take a table of the host with a reference to our log for ours', async () => {
    await writeFile(
      join(migrations, 'Migration20260303000000.ts'),
      'export class Alert { up() { this.addSql("create table `alert` (`run_id` integer, foreign key (`run_id`) references `cron_job_log` (`id`));"); } }',
    );
    expect((await check(['--offline'])).stdout).toMatch(
      /^✔ migration {2}CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql installed$/m,
    );
  });

  it('tells a table without rights from one that is not there', async () => {
    const url = new URL(database.url);
    await database.sql(`create role "guest_${url.pathname.slice(1)}" login password 'guest'`);
    url.username = `guest_${url.pathname.slice(1)}`;
    url.password = 'guest';
    try {
      const { stdout } = await check([], { DATABASE_URL: url.href });
      expect(stdout).toMatch(/^✘ tables {5}permission denied for table cron_job_log\n +→ grant the user of /m);
    } finally {
      await database.sql(`drop role "guest_${url.pathname.slice(1)}"`);
    }
  });

  it('finds a database that cannot be written to', async () => {
    const { pathname } = new URL(database.url);
    await database.sql(`alter database ${pathname.slice(1)} set default_transaction_read_only = on`);
    expect(await problem()).toMatch(
      /^✘ tables {5}the database cannot be written to: cannot execute INSERT in a read-only transaction\n +→ connect to the primary/,
    );
  });

  it('warns of a database that lacks characters, and is content all the same', async () => {
    const { pathname } = new URL(database.url);
    const name = `${pathname.slice(1)}_latin`;
    await database.sql(`create database ${name} template template0 encoding 'LATIN1' locale 'C'`);
    try {
      const { stdout } = await check([], { DATABASE_URL: database.url.replace(pathname, `/${name}`) });
      expect(stdout).toMatch(/^! encoding {3}the database keeps text as LATIN1, .+\n +→ use a database with UTF-8/m);
    } finally {
      await database.sql(`drop database ${name} with (force)`);
    }
  });

  it('finds that the job which tells of failures has no recipients', async () => {
    const extra = { CRON_JOBS: './crons/*.ts,./notices/*.ts' };
    expect(await problem(extra)).toMatch(
      /^✘ notices {4}mikro_orm_cron\.failed_runs_notification has no recipients, so every run of it fails\n +→ set mail or notifiers in cron\(\)/,
    );
    const mail = '{"mail":{"transport":"smtp://localhost","from":"cron@host","admins":["ops@host"]}}';
    expect((await runCli(['cron:check'], { ...env, ...extra, CRON_SETTINGS: mail })).stdout).toMatch(
      /^✔ notices {4}mikro_orm_cron\.failed_runs_notification notifies by mail to ops@host$/m,
    );
  });

  it('finds a snapshot that does not know the tables, and not one that does', async () => {
    await writeFile(join(migrations, '.snapshot.json'), '{"tables":[],"namespaces":["public"],"name":"public"}');
    expect(await problem({}, ['--offline'])).toMatch(
      /in the host's migration snapshot the table cron_job_log.+\n +→ run `npx mikro-orm migration:up --config \.\/migrated\.config\.ts`/,
    );
    await database.sql('drop table cron_job_log, cron_job_lock, cron_job_state, mikro_orm_migrations');
    const orm = await hostOrm();
    await orm.migrator.up();
    await orm.close(true);
    expect((await check(['--offline'])).stdout).toMatch(
      /^✔ migration {2}CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql installed; the snapshot has the tables$/m,
    );
  });

  it('finds clocks that do not agree', async () => {
    const { pathname } = new URL(database.url);
    await database.sql(
      `create function public.statement_timestamp() returns timestamptz language sql stable
       as $$ select pg_catalog.statement_timestamp() + interval '5 minutes 3 seconds' $$`,
    );
    await database.sql(`alter database ${pathname.slice(1)} set search_path = public, pg_catalog`);
    expect(await problem()).toMatch(
      /^✘ clock {6}this host's clock is 5 minutes, [23] seconds behind the database's\n +→ synchronize both machines with NTP/,
    );
  });

  it('finds a lock backend that cannot be asked', async () => {
    const { code, stdout } = await runCli(['cron:check', '--config', './lockless.config.ts'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✘ locks {6}no connection to Redis\n +→ check that the lock backend is running/m);
    expect(stdout).toMatch(/^- migration {2}the host has no migrations, so what creates the tables is not known$/m);
  });

  it('has colours on a terminal', async () => {
    const { code, raw } = await runInTerminal(['cron:check', '--config', './migrated.config.ts'], env);
    expect(code).toBe(0);
    expect(raw).toContain('\u001b[32m✔ config   \u001b[39m');
  });
});
