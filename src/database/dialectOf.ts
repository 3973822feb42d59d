import type { MikroORM, Platform } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import type { Dialect } from './Dialect.ts';
import { MySqlDialect } from './MySqlDialect.ts';
import { PgliteDialect } from './PgliteDialect.ts';
import { PostgreSqlDialect } from './PostgreSqlDialect.ts';
import { SqliteDialect } from './SqliteDialect.ts';

const dialects: Record<string, new () => Dialect> = {
  PostgreSqlPlatform: PostgreSqlDialect,
  PglitePlatform: PgliteDialect,
  BaseMySqlPlatform: MySqlDialect,
  SqlitePlatform: SqliteDialect,
};

const unsupported: Record<string, string> = {
  MongoDriver: 'MongoDB',
  MsSqlDriver: 'SQL Server',
  OracleDriver: 'Oracle',
};

/**
 * The dialect of the host's driver.
 *
 * @throws CronError when the driver is not supported.
 */
export function dialectOf({ driver }: Pick<MikroORM, 'driver'>): Dialect {
  const dialect = dialectOfPlatform(driver.getPlatform());
  if (!dialect) {
    const { name } = driver.constructor;
    const shown = unsupported[name] ? `${unsupported[name]} (${name})` : `the driver ${name}`;
    throw new CronError(
      `mikro-orm-cron: ${shown} is not supported; supported are PostgreSQL, PGlite, MySQL, MariaDB, SQLite and libSQL`,
    );
  }
  return dialect;
}

/** The dialect of a platform; `undefined` when it is not supported. */
export function dialectOfPlatform(platform: Platform): Dialect | undefined {
  // By name up the prototype chain, so that a host's own subclass of a driver is served, and no driver is imported.
  for (let proto: object | null = platform; proto; proto = Object.getPrototypeOf(proto)) {
    const DialectClass = dialects[proto.constructor.name];
    if (DialectClass) {
      return new DialectClass();
    }
  }
  return undefined;
}
