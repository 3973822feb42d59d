import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EntityCaseNamingStrategy, type Options, UnderscoreNamingStrategy } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cron, cronEntities, CronJobLog, defineCronJob, getCronRunner, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const hello = defineCronJob({ code: 'hello', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'hello' });

describeDrivers('the shipped migrations', driver => {
  let database: DriverDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await driver.create(true);
    folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-migrations-'));
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const host = async (options: Partial<Options> = {}, snapshot = false): Promise<SqlMikroORM & AsyncDisposable> => {
    const orm = await database.init({
      entities: cronEntities,
      extensions: [Migrator, cron({ jobs: [hello] })],
      migrations: { migrationsList: driver.migrations, path: folder, snapshot, silent: true },
      ...options,
    });
    return Object.assign(orm, { [Symbol.asyncDispose]: () => orm.close(true) });
  };
  const tables = async (orm: SqlMikroORM) => {
    const { sql } = database;
    const existing: string[] = [];
    for (const table of ['cron_job_log', 'cron_job_lock', 'cron_job_state']) {
      const schema = orm.config.get('schema');
      await sql(`select 1 from ${schema ? `${schema}.` : ''}${table}`).then(
        () => existing.push(table),
        () => undefined,
      );
    }
    return existing;
  };

  describe.runIf(driver.hasSoundDiff).each([
    ['its own naming strategy', {}],
    ['EntityCaseNamingStrategy', { namingStrategy: EntityCaseNamingStrategy }],
    ['UnderscoreNamingStrategy', { namingStrategy: UnderscoreNamingStrategy }],
    ['forceUtcTimezone off', { forceUtcTimezone: false, timezone: '+02:00' }],
  ] as [string, Partial<Options>][])('in a host with %s', (_, options) => {
    it.each([false, true])('leave nothing for migration:create to do, with snapshot: %s', async snapshot => {
      await using orm = await host(options, snapshot);
      await orm.migrator.up();
      expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
      expect(await orm.migrator.checkSchema()).toBe(false);
      const { fileName, diff } = await orm.migrator.create(folder);
      expect({ fileName, diff }).toEqual({ fileName: '', diff: { up: [], down: [] } });
    });
  });

  it.runIf(driver.hasSchemas)('stand in the host’s schema, and a tick finds them there', async () => {
    await using orm = await host({ schema: 'cron' });
    await orm.migrator.up();
    expect(await tables(orm)).toHaveLength(3);
    await expect(database.sql('select 1 from cron_job_log')).rejects.toThrow(/cron_job_log/);
    expect((await getCronRunner(orm).run()).jobs[0]?.outcome).toBe('succeeded');
    expect(await orm.migrator.checkSchema()).toBe(false);
    await orm.migrator.down({ to: 0 });
    expect(await tables(orm)).toEqual([]);
  });

  it('make what MikroORM itself would make of the entities', async () => {
    await using orm = await host();
    await orm.schema.create();
    const made = await structure(orm);
    await orm.schema.drop();
    await orm.migrator.up();
    expect(await structure(orm)).toEqual(made);
  });

  it('go down to nothing, and up again', async () => {
    await using orm = await host();
    await orm.migrator.up();
    expect(await tables(orm)).toHaveLength(3);
    await orm.migrator.down({ to: 0 });
    expect(await tables(orm)).toEqual([]);
    await orm.migrator.up();
    expect(await tables(orm)).toHaveLength(3);
  });

  // On PGlite they are the same as on PostgreSQL.
  const runs = driver.name === 'PGlite' ? [] : [1, 2];
  it.for(runs)('bring a database of the first %i of them up to date, and back, with every row', async count => {
    const old = driver.migrations.slice(0, count);
    await using before = await host({
      migrations: { migrationsList: old, path: folder, snapshot: false, silent: true },
    });
    await before.migrator.up();
    const { sql, dialect } = database;
    const start = dialect.toColumn(new Date('2026-02-28T23:59:59.999Z'));
    const insert = `insert into cron_job_log (code, start_time, end_time, status, message, scheduled_for, host, pid) values (?, ?, ?, ?, ?, ?, ?, ?)`;
    const statuses = ['succeeded', 'failed', 'timed_out', 'abandoned', 'running'];
    for (const status of statuses) {
      await sql(insert, [
        'hello',
        start,
        status === 'running' ? null : start,
        status,
        `a “${status}” one`,
        start,
        'web-1',
        7,
      ]);
    }
    await sql(`insert into cron_job_lock (code, host, pid) values ('hello', 'web-1', 7)`);
    const rows = async () =>
      sql(
        'select id, code, start_time, end_time, status, message, scheduled_for, host, pid from cron_job_log order by id',
      );
    const were = await rows();
    expect(were).toHaveLength(5);

    await using orm = await host();
    await orm.migrator.up();
    expect(await rows()).toEqual(were);
    expect(await orm.em.fork().find(CronJobLog, { status: 'failed' })).toEqual([
      expect.objectContaining({ fence: 0, runTrigger: null, requestedBy: null, queuedAt: null, arguments: null }),
    ]);
    // As a process of before writes, which still runs.
    await sql(insert, ['hello', start, start, 'succeeded', 'of before', start, 'web-1', 7]);
    if (driver.hasSoundDiff) {
      expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
    }
    await orm.migrator.down({ to: driver.migrations[count - 1]!.name });
    expect((await rows()).slice(0, -1)).toEqual(were);
    await sql(insert, ['hello', start, start, 'succeeded', 'of before', start, 'web-1', 7]);
  });

  it('keep the rows when they are run again', async () => {
    await using orm = await host();
    await orm.migrator.up();
    await getCronRunner(orm).run();
    await orm.migrator.up();
    expect(await orm.em.fork().find(CronJobLog, {})).toEqual([expect.objectContaining({ message: 'hello' })]);
  });
});

/** The tables as MikroORM reads them from the database: columns and indexes with all that it knows of them. */
async function structure(orm: SqlMikroORM): Promise<unknown> {
  const { DatabaseSchema } = await import('@mikro-orm/sql');
  const connection = orm.driver.getConnection();
  const schema = await DatabaseSchema.create(connection, orm.driver.getPlatform(), orm.config);
  return schema
    .getTables()
    .filter(({ name }) => name.startsWith('cron_job'))
    .map(table => ({ name: table.name, columns: table.getColumns(), indexes: table.getIndexes() }));
}
