import type { InflightQueryAbortStrategy } from '@mikro-orm/core';
import type { Dialect, RowsInOrder } from './Dialect.ts';

/** The default takes 'Import' and 'import' for one code. Known to MySQL and MariaDB alike. */
const CODE_COLLATION = 'utf8mb4_bin';

/**
 * MySQL and MariaDB. A `datetime` there is a wall clock without a zone; ours always shows UTC, whatever the session's
 * zone and the host's `forceUtcTimezone` and `timezone`, since in any other zone an hour a year comes twice.
 */
export class MySqlDialect implements Dialect {
  readonly abortStrategy: InflightQueryAbortStrategy = 'cancel query';
  readonly migrations = ['CreateCronTablesMySql', 'AddCronFencesMySql', 'AddCronStateMySql'];
  readonly mapping = { code: { collation: CODE_COLLATION } };
  readonly now = 'utc_timestamp(3)';
  readonly hasRowLocks = true;
  readonly encoding =
    `select character_set_name as encoding from information_schema.columns` +
    ` where table_schema = database() and table_name = 'cron_job_log' and column_name = 'message'`;
  readonly hasWritableWith = false;
  readonly returningId = '';
  // Its snapshot is that of the first read after the lock; READ COMMITTED is refused where the binary log is by statement.
  readonly claimIsolation = 'repeatable read';

  // The driver puts values into the text of a statement, with backslashes before quotes: there a text would end early, and
  // the rest of it be read as SQL.
  readonly refusal = {
    statement: 'select @@session.sql_mode as mode',
    explain: ({ mode }: Readonly<Record<string, unknown>>) =>
      String(mode).split(',').includes('NO_BACKSLASH_ESCAPES')
        ? {
            what: 'sql_mode has NO_BACKSLASH_ESCAPES, under which the driver lets values of a statement act as SQL',
            wayOut: "remove it from the server's sql_mode, or from the session's in onCreateConnection",
          }
        : undefined,
  };

  concat(...texts: string[]): string {
    return `concat(${texts.join(', ')})`;
  }

  ownConnectionOptions(driverOptions: object): { driverOptions: object } {
    return { driverOptions: { ...driverOptions, connectionLimit: 1 } };
  }

  instant(millis: string): string {
    return `timestampadd(microsecond, (${millis}) * 1000, timestamp'1970-01-01 00:00:00')`;
  }

  millis(instant: string): string {
    return `timestampdiff(microsecond, timestamp'1970-01-01 00:00:00', ${instant}) div 1000`;
  }

  quotient(millis: string, divisor: number): string {
    return `((${millis}) div ${divisor})`;
  }

  codes(parameter: string): string {
    // The collation of our columns `code`: of two different ones, an index could not be used.
    const column = `code varchar(64) character set utf8mb4 collate ${CODE_COLLATION} path '$'`;
    return `json_table(${parameter}, '$[*]' columns (${column}))`;
  }

  joinFirst(alias: string, { table, where, orderBy }: RowsInOrder): string {
    const first = `select f.id from ${table} f where ${where('f')} order by ${orderBy('f')} limit 1`;
    return `left join ${table} ${alias} on ${alias}.id = (${first})`;
  }

  greatestUpTo(bound: string, column: string, table: string, where: string): string {
    // A bound from another row makes no range here, so all rows without a value would be read: they stand last.
    const reached = `(${column} <= ${bound} or ${column} is null)`;
    return `(select ${column} from ${table} where ${where} and ${reached} order by ${column} desc limit 1)`;
  }

  insertIgnore(insert: string): string {
    return insert.replace(/^insert into/, 'insert ignore into');
  }

  toColumn(instant: Date): string {
    return instant.toISOString().replace('T', ' ').replace('Z', '');
  }

  fromColumn(value: string | number): Date {
    return new Date(typeof value === 'number' ? value : `${value.replace(' ', 'T')}Z`);
  }
}
