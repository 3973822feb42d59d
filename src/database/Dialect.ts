import type { InflightQueryAbortStrategy } from '@mikro-orm/core';

/**
 * The little SQL that differs between databases, as text to build statements from. All instants cross the border as
 * milliseconds since 1970, so no driver's date parsing, session zone or `forceUtcTimezone` can bend them.
 */
export interface Dialect {
  /** Names of the shipped migrations for this database, as exported by `mikro-orm-cron/migrations`, in order. */
  readonly migrations: readonly string[];

  /** How an aborted run's query in flight is ended: on the server, where the driver can. */
  readonly abortStrategy: InflightQueryAbortStrategy;

  /** The database's present instant, in the type of our time columns; the same throughout one statement. */
  readonly now: string;

  /** An instant in milliseconds since 1970, in the type of our time columns. */
  instant(millis: string): string;

  /** A time column or expression as milliseconds since 1970; the driver gives it as a JavaScript number. */
  millis(instant: string): string;

  /** A row source with one column `code` from one parameter that holds a JSON array of strings. */
  codes(parameter: string): string;

  /** Ending of a SELECT that locks the row it finds; '' on databases without row locks. */
  readonly forUpdate: string;

  /** The same, passing over a row that somebody else has locked instead of waiting for it. */
  readonly forUpdateSkipLocked: string;

  /** An INSERT that does nothing when the row is there already: `insert into t (…) values (…)` in, statement out. */
  insertIgnore(insert: string): string;
}
