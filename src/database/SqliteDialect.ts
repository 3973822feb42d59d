import { resolve } from 'node:path';
import type { Configuration, InflightQueryAbortStrategy, MikroORM } from '@mikro-orm/core';
import type { AbstractSqlConnection, EntityManager } from '@mikro-orm/sql';
import type { Dialect, RowsInOrder } from './Dialect.ts';
import { ownEm } from './ownEm.ts';

/** What a session of SQLite carries that can break a later statement or change what it does. */
const PRAGMAS = [
  'foreign_keys',
  'query_only',
  'ignore_check_constraints',
  'recursive_triggers',
  'defer_foreign_keys',
  'busy_timeout',
  'cell_size_check',
  'read_uncommitted',
  'reverse_unordered_selects',
  'synchronous',
  'temp_store',
  'locking_mode',
  'max_page_count',
  'writable_schema',
  'legacy_alter_table',
  'automatic_index',
  'count_changes',
  'empty_result_callbacks',
  'full_column_names',
  'short_column_names',
];

/** What we use of better-sqlite3 and its kin. */
interface NativeClient {
  readonly inTransaction?: boolean;
  exec?(statement: string): unknown;
  prepare?(statement: string): {
    readonly reader?: boolean;
    all(...parameters: string[]): object[];
    run(...parameters: string[]): unknown;
  };
}

/** `undefined` for a ready client of the host, which MikroORM does not give. */
async function nativeClient(orm: MikroORM): Promise<NativeClient | undefined> {
  const connection = orm.driver.getConnection() as AbstractSqlConnection;
  return (await connection.getNativeClient().catch(() => undefined)) as NativeClient | undefined;
}

/** SQLite and its kin. MikroORM keeps times there as milliseconds since 1970, so there is nothing to convert. */
export class SqliteDialect implements Dialect {
  // It runs in this process: while a statement runs, nothing can cancel it.
  readonly abortStrategy: InflightQueryAbortStrategy = 'ignore query';
  readonly migrations = ['CreateCronTablesSqlite', 'AddCronFencesSqlite', 'AddCronStateSqlite'];
  // Not unixepoch('subsec'): it is younger than some builds of SQLite in use.
  readonly now = `cast(round((julianday('now') - 2440587.5) * 86400000) as integer)`;
  // SQLite makes an integer of a bigint key, and MikroORM's schema diff then finds a change.
  readonly mapping = { id: { columnTypes: ['integer'] }, fence: { columnTypes: ['integer'] } };
  readonly hasRowLocks = false;
  readonly hasWritableWith = false;
  readonly returningId = '';
  readonly claimIsolation = undefined;

  readonly session = {
    read: [
      `with s (name, value) as (${PRAGMAS.map(name => `select '${name}', * from pragma_${name}`).join(' union all ')})` +
        ' select name as name, value as value from s',
    ],
    // A file that was locked for good is let go by the next reading.
    cleanUp: [
      'drop table if exists temp.cron_job_log',
      'drop table if exists temp.cron_job_lock',
      'drop table if exists temp.cron_job_state',
      'select 1 from main.sqlite_master limit 1',
    ],
    set: (name: string, value: string) => ({
      statement: `pragma ${name} = ${value.replaceAll(/[^\w-]/g, '')}`,
      parameters: [],
    }),
    run: async (orm: MikroORM, statement: string, parameters: readonly string[]) => {
      const prepared = (await nativeClient(orm))?.prepare?.(statement);
      if (!prepared) {
        return ownEm(orm).execute<object[]>(statement, [...parameters]);
      }
      if (prepared.reader) {
        return prepared.all(...parameters);
      }
      prepared.run(...parameters);
      return [];
    },
    endTransaction: async (orm: MikroORM) => {
      const connection = orm.driver.getConnection() as AbstractSqlConnection;
      const client = await nativeClient(orm);
      // With the connection taken: a transaction that stands open then was begun by hand, not by an EntityManager at work.
      await connection
        .getClient()
        .connection()
        .execute(async () => {
          if (client?.inTransaction) {
            client.exec?.('rollback');
          }
        });
    },
  };
  readonly hasOneSession = true;

  concat(...texts: string[]): string {
    return `(${texts.join(' || ')})`;
  }

  ownConnectionOptions(driverOptions: object): { driverOptions: object } {
    // To wait within the call would stop this process's event loop, heartbeats included; we try again ourselves.
    return { driverOptions: { ...driverOptions, timeout: 0 } };
  }

  isBusy(error: unknown): boolean {
    return /database (?:table )?is locked|SQLITE_(?:BUSY|LOCKED)/.test(String(error));
  }

  async readWaits(
    em: EntityManager,
    config: Configuration,
  ): Promise<{ journalMode: string; busyMillis: number } | undefined> {
    if (this.databaseFile(config) === undefined) {
      return undefined;
    }
    const [journal] = await em.execute<{ journal_mode: string }[]>('pragma journal_mode');
    const [busy] = await em.execute<{ timeout: number }[]>('pragma busy_timeout');
    return { journalMode: journal?.journal_mode ?? '', busyMillis: Number(busy?.timeout ?? 0) };
  }

  instant(millis: string): string {
    return `(${millis})`;
  }

  millis(instant: string): string {
    return instant;
  }

  quotient(millis: string, divisor: number): string {
    // Of two integers a whole number.
    return `((${millis}) / ${divisor})`;
  }

  codes(parameter: string): string {
    return `(select value as code from json_each(${parameter}))`;
  }

  joinFirst(alias: string, { table, where, orderBy }: RowsInOrder): string {
    const first = `select f.id from ${table} f where ${where('f')} order by ${orderBy('f')} limit 1`;
    return `left join ${table} ${alias} on ${alias}.id = (${first})`;
  }

  greatestUpTo(bound: string, column: string, table: string, where: string): string {
    return `(select max(${column}) from ${table} where ${where} and ${column} <= ${bound})`;
  }

  insertIgnore(insert: string): string {
    return `${insert} on conflict do nothing`;
  }

  toColumn(instant: Date): number {
    return instant.getTime();
  }

  fromColumn(value: string | number): Date {
    return new Date(value);
  }

  databaseFile(config: Configuration): string | undefined {
    const name = config.get('dbName');
    const options: unknown = config.get('driverOptions');
    if (typeof options === 'object' && options !== null && 'createDriver' in options) {
      return undefined;
    }
    // Not a URI: of libSQL's, most lead elsewhere.
    return !name || /^(?::memory:|[a-z]+:\/?\/?)/i.test(name) ? undefined : resolve(name);
  }

  isWithinProcess(dbName: string): boolean {
    return dbName === ':memory:';
  }
}
