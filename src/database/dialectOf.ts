import type { MikroORM } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import type { Dialect } from './Dialect.ts';
import { PgliteDialect } from './PgliteDialect.ts';
import { PostgreSqlDialect } from './PostgreSqlDialect.ts';

const dialects: Record<string, new () => Dialect> = {
  PostgreSqlDriver: PostgreSqlDialect,
  PgliteDriver: PgliteDialect,
};

/**
 * The dialect of the host's driver.
 *
 * @throws CronError when the driver is not supported.
 */
export function dialectOf(orm: MikroORM): Dialect {
  // By name up the prototype chain, so that a host's own subclass of a driver is served, and no driver is imported.
  for (let driver = orm.driver.constructor; driver?.name; driver = Object.getPrototypeOf(driver)) {
    const DialectClass = dialects[driver.name];
    if (DialectClass) {
      return new DialectClass();
    }
  }
  throw new CronError(
    `mikro-orm-cron: the driver ${orm.driver.constructor.name} is not supported; supported are ${Object.keys(dialects).join(', ')}`,
  );
}
