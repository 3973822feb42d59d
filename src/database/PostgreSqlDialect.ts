import type { InflightQueryAbortStrategy } from '@mikro-orm/core';
import type { Dialect } from './Dialect.ts';

/** PostgreSQL. */
export class PostgreSqlDialect implements Dialect {
  readonly abortStrategy: InflightQueryAbortStrategy = 'cancel query';
  readonly migrations = ['CreateCronTablesPostgreSql'];
  // Not clock_timestamp(): being volatile, it could not bound an index scan.
  readonly now = 'statement_timestamp()';
  readonly hasRowLocks = true;

  instant(millis: string): string {
    return `to_timestamp((${millis})::float8 / 1000)`;
  }

  millis(instant: string): string {
    return `floor(extract(epoch from ${instant}) * 1000)::float8`;
  }

  codes(parameter: string): string {
    return `(select value as code from json_array_elements_text(${parameter}::json))`;
  }

  insertIgnore(insert: string): string {
    return `${insert} on conflict do nothing`;
  }

  toColumn(instant: Date): string {
    return instant.toISOString();
  }
}
