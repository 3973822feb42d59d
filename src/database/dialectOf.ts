import type { EntityManager, EntityMetadata, EntityProperty, MikroORM, Platform } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import type { Dialect } from './Dialect.ts';
import { MySqlDialect } from './MySqlDialect.ts';
import { PgliteDialect, PostgreSqlDialect } from './PostgreSqlDialect.ts';
import { SqliteDialect } from './SqliteDialect.ts';

/** An EntityManager or MikroORM: both know their driver. */
type DriverOwner = Pick<EntityManager, 'getDriver'> | Pick<MikroORM, 'driver'>;

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
export function dialectOf(host: DriverOwner): Dialect {
  const driver = 'getDriver' in host ? host.getDriver() : host.driver;
  const dialect = dialectOfPlatform(driver.getPlatform());
  if (dialect && driver.getDependencies().includes('@electric-sql/pglite')) {
    return new PgliteDialect();
  }
  if (!dialect) {
    const { name } = driver.constructor;
    const shown = unsupported[name] ? `${unsupported[name]} (${name})` : `the driver ${name}`;
    throw new CronError(
      `mikro-orm-cron: ${shown} is not supported; supported are PostgreSQL, PGlite, MySQL, MariaDB, SQLite and libSQL`,
    );
  }
  return dialect;
}

/**
 * The dialect of a platform; `undefined` when it is not supported. PGlite's platform is PostgreSQL's: to the values of a
 * row they are one.
 */
export function dialectOfPlatform(platform: Platform): Dialect | undefined {
  // By what the bases of all drivers say of themselves, so that no driver is imported, a host's own subclass is served, a
  // bundler may take the names of all of them, and a second copy of `@mikro-orm/sql` in the process is no other database.
  const { getDefaultClientUrl, getCurrentTimestampSQL } = platform as Partial<Platform>;
  const url = getDefaultClientUrl?.call(platform) ?? '';
  if (url.startsWith('postgresql:')) {
    return new PostgreSqlDialect();
  }
  if (url.startsWith('mysql:')) {
    return new MySqlDialect();
  }
  const isSqlite = getCurrentTimestampSQL?.call(platform, 3).includes('strftime(');
  return isSqlite ? new SqliteDialect() : undefined;
}

/** Fits the mapping of one of our entities to the host's database. */
export function adaptEntity(meta: EntityMetadata, platform: Platform): void {
  const properties: Record<string, EntityProperty> = meta.properties;
  for (const [name, additions] of Object.entries(dialectOfPlatform(platform)?.mapping ?? {})) {
    Object.assign(properties[name] ?? {}, additions);
  }
}
