import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Constructor, Options } from '@mikro-orm/core';
import { MikroORM as MariaDbOrm } from '@mikro-orm/mariadb';
import { type Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM as MySqlOrm } from '@mikro-orm/mysql';
import { MikroORM as PgliteOrm } from '@mikro-orm/pglite';
import { MikroORM as PostgreSqlOrm } from '@mikro-orm/postgresql';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite';
import { beforeAll, describe, inject } from 'vitest';
import {
  AddCronFencesMySql,
  AddCronFencesPostgreSql,
  AddCronFencesSqlite,
  AddCronStateMySql,
  AddCronStatePostgreSql,
  AddCronStateSqlite,
  CreateCronTablesMySql,
  CreateCronTablesPostgreSql,
  CreateCronTablesSqlite,
} from '../../migrations/index.ts';
import type { Dialect } from '../../src/database/Dialect.ts';
import { dialectOf } from '../../src/database/dialectOf.ts';
import { createTestDatabase } from './database.ts';
import { sharedMariaDb, whyNoMariaDb } from './mariadb.ts';

/** A database of a test's own on some driver. */
export interface DriverDatabase extends AsyncDisposable {
  /** What a host's config needs to get there. */
  readonly connection: Partial<Options>;
  /** Makes an ORM there. */
  init(options: Partial<Options>): Promise<SqlMikroORM>;
  /** Runs SQL as an onlooker, on a connection of its own where the driver can have two. */
  sql<Row = Record<string, unknown>>(query: string, parameters?: unknown[]): Promise<Row[]>;
  /** The same SQL as the package uses for this driver. */
  readonly dialect: Dialect;
}

/** A driver under test. */
export interface DriverUnderTest {
  readonly name: string;
  /** The driver's package, where several processes can open one database. */
  readonly package?: string;
  /** Whether a host can put its tables into a schema by the option `schema`. */
  readonly hasSchemas: boolean;
  /** The shipped migrations, in order. */
  readonly migrations: Constructor<Migration>[];
  /** A statement that takes a minute, and how to see on the server that it is running; for drivers that can cancel. */
  readonly longQuery?: { readonly sql: string; readonly active: string };
  /** Whether it may stand without statistics for long. */
  readonly plansWithoutStatistics: boolean;
  /** Whether MikroORM finds no change in tables that it has just made itself. */
  readonly hasSoundDiff: boolean;
  /** Gathers the statistics that the planner goes by, as the server does by itself sooner or later. */
  readonly analyze: string;
  /** What, before a statement, shows how it was carried out. */
  readonly explain: string;
  /** Makes a database, with the tables of the shipped migrations in it unless `isEmpty`. */
  create(isEmpty?: boolean): Promise<DriverDatabase>;
}

type Orm = { init(options: never): Promise<unknown> };

/** Runs a suite once for every driver; its name carries the driver's. */
export function describeDrivers(name: string, suite: (driver: DriverUnderTest) => void): void {
  for (const driver of [postgreSql, pglite, sqlite]) {
    describe(`${name} on ${driver.name}`, () => suite(driver));
  }
  const reason = whyNoMariaDb();
  for (const [driverName, orm] of [
    ['MariaDB', MariaDbOrm],
    ['MariaDB by the MySQL driver', MySqlOrm],
  ] as const) {
    describe.skipIf(reason)(`${name} on ${driverName}${reason ? `: ${reason}` : ''}`, () => {
      let url: string;
      beforeAll(async () => {
        url = await sharedMariaDb(inject('serversDirectory'));
      });
      suite(mySql(driverName, orm, () => url));
    });
  }
}

const postgreSql: DriverUnderTest = {
  name: 'PostgreSQL',
  hasSchemas: true,
  package: '@mikro-orm/postgresql',
  plansWithoutStatistics: true,
  analyze: 'analyze cron_job_log',
  explain: 'explain (analyze, costs off, timing off)',
  migrations: [CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql],
  hasSoundDiff: true,
  longQuery: {
    sql: 'select pg_sleep(60)',
    active: `select 1 from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'`,
  },
  async create(isEmpty = false) {
    const database = await createTestDatabase(isEmpty ? 'template0' : undefined);
    return onlook(PostgreSqlOrm, { clientUrl: database.url }, async () => database[Symbol.asyncDispose]());
  },
};

const pglite: DriverUnderTest = {
  name: 'PGlite',
  hasSchemas: true,
  plansWithoutStatistics: true,
  analyze: 'analyze cron_job_log',
  explain: 'explain (analyze, costs off, timing off)',
  migrations: [CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql],
  hasSoundDiff: true,
  async create(isEmpty = false) {
    // One instance for all ORMs of a test, since no second one can open the same database.
    const instance = await PGlite.create({ dataDir: 'memory://', parsers: textTimes });
    await instance.exec(`set time zone 'Pacific/Chatham'`);
    const connection = { dbName: 'memory://', driverOptions: { pglite: instance } };
    const database = await onlook(PgliteOrm, connection, () => instance.close());
    return isEmpty ? database : migrate(pglite, database);
  },
};

/** What MikroORM sets for an instance that it makes itself: times come as the text they are. */
const textTimes = Object.fromEntries([1082, 1114, 1184, 1186].map(type => [type, (text: string) => text]));

const sqlite: DriverUnderTest = {
  name: 'SQLite',
  hasSchemas: false,
  package: '@mikro-orm/sqlite',
  plansWithoutStatistics: true,
  analyze: 'analyze cron_job_log',
  explain: 'explain query plan',
  migrations: [CreateCronTablesSqlite, AddCronFencesSqlite, AddCronStateSqlite],
  hasSoundDiff: true,
  async create(isEmpty = false) {
    const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-sqlite-'));
    const database = await onlook(SqliteOrm, { dbName: join(directory, 'host.db') }, () =>
      rm(directory, { recursive: true, force: true }),
    );
    return isEmpty ? database : migrate(sqlite, database);
  },
};

function mySql(name: string, orm: Orm, url: () => string): DriverUnderTest {
  const driver: DriverUnderTest = {
    name,
    // A schema is another database there, and MikroORM's diff looks into the host's own only.
    hasSchemas: false,
    package: orm === MariaDbOrm ? '@mikro-orm/mariadb' : '@mikro-orm/mysql',
    plansWithoutStatistics: false,
    analyze: 'analyze table cron_job_log',
    explain: 'analyze',
    migrations: [CreateCronTablesMySql, AddCronFencesMySql, AddCronStateMySql],
    // The MySQL driver takes MariaDB's word for no default, the text NULL, for a default.
    hasSoundDiff: orm === MariaDbOrm,
    longQuery: {
      sql: 'select sleep(60)',
      active: `select 1 from information_schema.processlist where info = 'select sleep(60)'`,
    },
    async create(isEmpty = false) {
      const dbName = `test_${randomBytes(6).toString('hex')}`;
      const onServer = async (statement: string) => {
        const server = await initBare(orm, { clientUrl: url(), dbName: 'mysql' });
        await server.em.execute(statement);
        await server.close(true);
      };
      await onServer(`create database ${dbName}`);
      const database = await onlook(orm, { clientUrl: url(), dbName }, () => onServer(`drop database ${dbName}`));
      return isEmpty ? database : migrate(driver, database);
    },
  };
  return driver;
}

async function onlook(orm: Orm, connection: Partial<Options>, remove: () => Promise<unknown>): Promise<DriverDatabase> {
  const onlooker = await initBare(orm, connection);
  return {
    connection,
    init: options => orm.init({ ...connection, ...options } as never) as Promise<SqlMikroORM>,
    sql: async (query, parameters) => onlooker.em.fork().execute(query, parameters),
    dialect: dialectOf(onlooker),
    async [Symbol.asyncDispose]() {
      await onlooker.close(true);
      await remove();
    },
  };
}

async function initBare(orm: Orm, connection: Partial<Options>): Promise<SqlMikroORM> {
  const options = { ...connection, entities: [], discovery: { warnWhenNoEntities: false }, allowGlobalContext: true };
  return (await orm.init(options as never)) as SqlMikroORM;
}

async function migrate(driver: DriverUnderTest, database: DriverDatabase): Promise<DriverDatabase> {
  const orm = await database.init({
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: driver.migrations, snapshot: false },
  });
  await orm.migrator.up();
  await orm.close(true);
  return database;
}
