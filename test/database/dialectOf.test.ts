import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Configuration } from '@mikro-orm/core';
import { MariaDbDriver } from '@mikro-orm/mariadb';
import { MySqlDriver } from '@mikro-orm/mysql';
import { PgliteDriver } from '@mikro-orm/pglite';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { AbstractSqlPlatform, SqlitePlatform, SqlMikroORM } from '@mikro-orm/sql';
import { SqliteDriver } from '@mikro-orm/sqlite';
import { describe, expect, it } from 'vitest';
import { dialectOf, dialectOfPlatform } from '../../src/database/dialectOf.ts';
import { MySqlDialect } from '../../src/database/MySqlDialect.ts';
import { PgliteDialect, PostgreSqlDialect } from '../../src/database/PostgreSqlDialect.ts';
import { SqliteDialect } from '../../src/database/SqliteDialect.ts';
import { cron, cronEntities, defineCronJob, Schedule } from '../../src/index.ts';

const SUPPORTED = 'supported are PostgreSQL, PGlite, MySQL, MariaDB, SQLite and libSQL';

describe('a supported driver', () => {
  it.each([
    [PostgreSqlDriver, PostgreSqlDialect],
    [PgliteDriver, PgliteDialect],
    [MySqlDriver, MySqlDialect],
    [MariaDbDriver, MySqlDialect],
    [SqliteDriver, SqliteDialect],
  ])('is known also where a bundler took its name: %o', (Driver, Dialect) => {
    const config = new Configuration({ driver: Driver as never, dbName: 'bundled' }, false);
    const driver = config.getDriver();
    const names = nameless(driver.getPlatform());
    try {
      expect(dialectOf({ driver } as never).constructor).toBe(Dialect);
    } finally {
      names.restore();
    }
  });
});

describe('a second copy of @mikro-orm/sql', () => {
  it('has the same databases', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-copy-'));
    const [own, copy] = [resolve('node_modules'), join(folder, 'node_modules')];
    try {
      await cp(join(own, '@mikro-orm/sql'), join(copy, '@mikro-orm/sql'), { recursive: true });
      await symlink(join(own, '@mikro-orm/core'), join(copy, '@mikro-orm/core'));
      await symlink(join(own, 'kysely'), join(copy, 'kysely'));
      const sql = await import(pathToFileURL(join(copy, '@mikro-orm/sql/index.js')).href);
      expect(sql.SqlitePlatform).not.toBe(SqlitePlatform);
      for (const [Platform, Dialect] of [
        [sql.SqlitePlatform, SqliteDialect],
        [sql.BaseMySqlPlatform, MySqlDialect],
        [sql.BasePostgreSqlPlatform, PostgreSqlDialect],
      ]) {
        expect(dialectOfPlatform(new Platform())?.constructor).toBe(Dialect);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Takes the names of an object's class and of all that it extends. */
function nameless(object: object): { restore(): void } {
  const renamed: [object, string][] = [];
  for (let proto = Object.getPrototypeOf(object); proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    renamed.push([proto.constructor, proto.constructor.name]);
    Object.defineProperty(proto.constructor, 'name', { value: 'a', configurable: true });
  }
  return {
    restore: () =>
      renamed.forEach(([type, value]) => Object.defineProperty(type, 'name', { value, configurable: true })),
  };
}

describe('an unsupported driver', () => {
  it('is refused when the host starts', async () => {
    class MsSqlPlatform extends AbstractSqlPlatform {}
    class MsSqlDriver extends SqliteDriver {
      protected override readonly platform = new MsSqlPlatform() as never;
    }
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const init = SqlMikroORM.init({
      driver: MsSqlDriver,
      dbName: ':memory:',
      entities: cronEntities,
      extensions: [cron({ jobs: [job] })],
    });
    await expect(init).rejects.toThrow(`mikro-orm-cron: SQL Server (MsSqlDriver) is not supported; ${SUPPORTED}`);
  });

  it.each([
    ['MongoDriver', 'MongoDB (MongoDriver)'],
    ['OracleDriver', 'Oracle (OracleDriver)'],
    ['TheirOwnDriver', 'the driver TheirOwnDriver'],
  ])('is named as people know it: %s', (name, shown) => {
    const Driver = { [name]: class {} }[name]!;
    const driver = Object.assign(new Driver(), { getPlatform: () => new (class OtherPlatform {})() });
    expect(() => dialectOf({ driver } as never)).toThrow(`mikro-orm-cron: ${shown} is not supported; ${SUPPORTED}`);
  });
});
