import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AddCronFencesPostgreSql, AddCronStatePostgreSql, CreateCronTablesPostgreSql } from '../../migrations/index.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { describeDrivers, type DriverUnderTest } from '../helpers/drivers.ts';

/** A migrated database that other processes can open. */
async function createDatabase(driver: DriverUnderTest): Promise<AsyncDisposable & { env: NodeJS.ProcessEnv }> {
  if (driver.package) {
    const database = await driver.create();
    const env = { DRIVER: JSON.stringify({ driver: driver.package, connection: database.connection }) };
    return { env, [Symbol.asyncDispose]: async () => database[Symbol.asyncDispose]() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-commands-'));
  const connection = { dbName: join(folder, 'data') };
  const orm = await MikroORM.init({
    ...connection,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: {
      migrationsList: driver.migrations ?? [
        CreateCronTablesPostgreSql,
        AddCronFencesPostgreSql,
        AddCronStatePostgreSql,
      ],
      snapshot: false,
      silent: true,
    },
  });
  await orm.migrator.up();
  await orm.close(true);
  const env = { DRIVER: JSON.stringify({ driver: '@mikro-orm/pglite', connection }) };
  return { env, [Symbol.asyncDispose]: async () => rm(folder, { recursive: true }) };
}

describeDrivers('the commands', driver => {
  let database: Awaited<ReturnType<typeof createDatabase>>;

  beforeAll(async () => {
    database = await createDatabase(driver);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const run = async (...args: string[]): Promise<CliResult> =>
    runCli([...args, '--config', './drivers.config.ts'], database.env);
  const ran = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };

  it.runIf(driver.hasSoundDiff)('cron:check finds nothing wrong', async () => {
    expect(await ran('cron:check')).toMatch(
      /^✔ tables {5}cron_job_log, cron_job_lock and cron_job_state match the entities$/m,
    );
  });

  it('runcrons --dry-run writes nothing', async () => {
    expect(await ran('runcrons', '--dry-run')).toMatch(/^\[✔\] host\.quick would run: no earlier success$/m);
    expect(await ran('cron:log')).toBe('No such runs\n');
  });

  it('runcrons runs what is due, and then not again', async () => {
    const lines = await ran('runcrons');
    expect(lines).toMatch(/^\[✔\] host\.quick in .+: no earlier success → done quickly$/m);
    expect(lines).toMatch(/^\[✘\] host\.failing in .+: Error: the disk is full$/m);
    expect(await ran('runcrons', 'Quick')).toMatch(
      /^\[ \] host\.quick: next run \d\d:\d\d:\d\d Europe\/Prague in 5 min$/m,
    );
  });

  it('cronloop runs it by force of time, and ends', async () => {
    expect(await ran('cronloop', 'Failing', '--repeat', '2', '--sleep', '0.1')).toMatch(/\[✘\].*\n.*\n\[✘\]/);
  });

  it('cron:list tells the state of each job', async () => {
    expect(JSON.parse(await ran('cron:list', '--json'))).toMatchObject([
      { code: 'host.failing', failureStreak: 3, isDue: true, lastSuccess: null, lock: null },
      { code: 'host.quick', failureStreak: 0, isDue: false, lastRun: { status: 'succeeded' } },
    ]);
    expect(await ran('cron:list')).toMatch(/^host\.failing .+ ✘ /m);
  });

  // Each command on PGlite starts a PostgreSQL of its own.
  it('cron:log filters the runs', async () => {
    const ids = async (...args: string[]) =>
      (await ran('cron:log', '--json', ...args))
        .trim()
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line).id);
    expect(await ids()).toEqual([4, 3, 2, 1]);
    expect(await ids('--failed', '--limit', '2')).toEqual([4, 3]);
    expect(await ids('--grep', 'DISK', '--before', '4')).toEqual([3, 1]);
    expect(await ids('--code', 'Quick', '--since', '1h')).toEqual([2]);
    expect(await ids('--until', '1h')).toEqual([]);
    expect(await ids('--longer-than', '1h')).toEqual([]);
    expect(await ran('cron:log', '2')).toMatch(/^Run 2 of host\.quick\n[^]*done quickly\n$/);
  }, 300_000);

  it('cron:pause, cron:run, cron:resume and cron:skip set what the next tick goes by', async () => {
    const paused = /^host\.quick: paused until [\d: -]+ Europe\/Prague by ops@web-1: SMTP down\n$/;
    expect(await ran('cron:pause', 'Quick', '--for', '2h', '--reason', 'SMTP down', '--by', 'ops@web-1')).toMatch(
      paused,
    );
    expect(await ran('cron:run', 'Quick')).toMatch(
      /^host\.quick: run requested \([\w-]+\); it starts when the job is resumed, since it is paused\n$/,
    );
    expect(await ran('runcrons', 'Quick')).toMatch(/^\[ \] host\.quick: paused until .+ by ops@web-1: SMTP down$/m);
    expect(await ran('cron:resume', 'Quick')).toBe('host.quick: resumed\n');
    expect(await ran('runcrons', 'Quick')).toMatch(/^\[✔\] host\.quick in .+: requested by .+ → done quickly$/m);
    expect(await ran('cron:skip', 'Quick')).toMatch(/^host\.quick: the run of [\d: -]+ Europe\/Prague is skipped\n$/);
    expect(await run('cron:cancel', 'Quick')).toMatchObject({
      code: 1,
      stderr: 'mikro-orm-cron: Job host.quick: no run is under way, so there is nothing to cancel\n',
    });
  });

  it('cron:unlock and cron:prune find nothing to do, and say so', async () => {
    expect(await ran('cron:unlock', 'Quick', '--yes')).toBe('host.quick: it is not locked\n');
    expect(await ran('cron:prune', '--older-than-days', '1')).toBe('0 rows deleted\n');
  });
});
