import type { Configuration } from '@mikro-orm/core';
import { PostgreSqlDialect } from './PostgreSqlDialect.ts';

/** PGlite: PostgreSQL in this very process, with no second connection from which to cancel a query. */
export class PgliteDialect extends PostgreSqlDialect {
  override readonly abortStrategy = 'ignore query';

  isWithinProcess(): boolean {
    return true;
  }

  /** As MikroORM's driver finds it. */
  dataFolder(config: Configuration): string | undefined {
    const options = config.get('driverOptions') as { dataDir?: string; pglite?: unknown } | undefined;
    const folder = options?.dataDir ?? config.get('dbName');
    const isFolder = !options?.pglite && folder && !/^(?:memory:|idb:)/.test(folder);
    return isFolder ? folder.replace(/^file:\/\//, '') : undefined;
  }
}
