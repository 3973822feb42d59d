import type { Configuration, InflightQueryAbortStrategy, MikroORM } from '@mikro-orm/core';
import type { Dialect, RowsInOrder } from './Dialect.ts';
import { ownEm } from './ownEm.ts';

/** PostgreSQL. */
export class PostgreSqlDialect implements Dialect {
  readonly abortStrategy: InflightQueryAbortStrategy = 'cancel query';
  readonly migrations = ['CreateCronTablesPostgreSql', 'AddCronFencesPostgreSql', 'AddCronStatePostgreSql'];
  // Not clock_timestamp(): being volatile, it could not bound an index scan.
  readonly now = 'statement_timestamp()';
  readonly hasRowLocks = true;
  readonly encoding = "select current_setting('server_encoding') as encoding";
  readonly hasWritableWith = true;
  readonly returningId = ' returning id';
  // Stated, since a role's default may be stricter: there a lock on a row that has just changed fails instead.
  readonly claimIsolation = 'read committed';
  readonly limitTransaction = [
    `select set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '30s', true)`,
  ];

  readonly session = {
    // User and role stand apart from the settings that `pg_settings` lists. A role cannot be set for a transaction only.
    read: [
      `select 'session_authorization' as name, session_user::text as value`,
      `select 'role' as name, current_setting('role') as value`,
      `select name, setting as value from pg_settings where context in ('user', 'superuser') and name <> all` +
        ` ('{role,session_authorization,transaction_isolation,transaction_read_only,transaction_deferrable}')`,
    ],
    cleanUp: ['drop table if exists pg_temp.cron_job_log, pg_temp.cron_job_lock, pg_temp.cron_job_state'],
    set: (name: string, value: string) => ({
      statement: 'select set_config(?, ?, false)',
      parameters: [name, value],
    }),
    endTransaction: async (orm: MikroORM) => {
      const em = ownEm(orm);
      const [row] = await em
        .execute<{ is_open: boolean }[]>('select now() <> statement_timestamp() as is_open')
        .catch(() => [
          // Refused: the transaction that was left open has failed.
          { is_open: true },
        ]);
      if (row?.is_open) {
        await em.execute('rollback');
      }
    },
  };

  concat(...texts: string[]): string {
    return `concat(${texts.map(text => `${text}::text`).join(', ')})`;
  }

  ownConnectionOptions(driverOptions: object): { driverOptions: object } {
    // An idle connection of ours must not keep a process whose job waits for what can never come.
    return { driverOptions: { ...driverOptions, min: 0, max: 1, allowExitOnIdle: true } };
  }

  instant(millis: string): string {
    return `to_timestamp((${millis})::float8 / 1000)`;
  }

  millis(instant: string): string {
    return `floor(extract(epoch from ${instant}) * 1000)::float8`;
  }

  quotient(millis: string, divisor: number): string {
    return `floor((${millis}) / ${divisor})`;
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
