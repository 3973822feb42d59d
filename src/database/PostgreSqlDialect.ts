import type { Configuration, InflightQueryAbortStrategy } from '@mikro-orm/core';
import type { Dialect, RowsInOrder } from './Dialect.ts';

/** PostgreSQL. */
export class PostgreSqlDialect implements Dialect {
  readonly abortStrategy: InflightQueryAbortStrategy = 'cancel query';
  readonly migrations = ['CreateCronTablesPostgreSql'];
  // Not clock_timestamp(): being volatile, it could not bound an index scan.
  readonly now = 'statement_timestamp()';
  readonly hasRowLocks = true;
  readonly encoding = "select current_setting('server_encoding') as encoding";

  instant(millis: string): string {
    return `to_timestamp((${millis})::float8 / 1000)`;
  }

  millis(instant: string): string {
    return `floor(extract(epoch from ${instant}) * 1000)::float8`;
  }

  codes(parameter: string): string {
    return `(select value as code from json_array_elements_text(${parameter}::json))`;
  }

  joinFirst(alias: string, { table, where, orderBy }: RowsInOrder): string {
    // Lateral, since a planner without statistics (PGlite never gathers any) would read the whole table to join by id.
    const first = `select f.* from ${table} f where ${where('f')} order by ${orderBy('f')} limit 1`;
    return `left join lateral (${first}) ${alias} on true`;
  }

  greatestUpTo(bound: string, column: string, table: string, where: string): string {
    return `(select max(${column}) from ${table} where ${where} and ${column} <= ${bound})`;
  }

  insertIgnore(insert: string): string {
    return `${insert} on conflict do nothing`;
  }

  toColumn(instant: Date): string {
    return instant.toISOString();
  }
}

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
