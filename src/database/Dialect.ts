import type { Configuration, EntityProperty, InflightQueryAbortStrategy, MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';

/**
 * The little SQL that differs between databases, as text to build statements from. All instants cross the border as
 * milliseconds since 1970, so no driver's date parsing, session zone or `forceUtcTimezone` can bend them.
 */
export interface Dialect {
  /** Names of the shipped migrations for this database, as exported by `mikro-orm-cron/migrations`, in order. */
  readonly migrations: readonly string[];

  /** What properties of our entities need on this database beyond their common mapping, by name. */
  readonly mapping?: Readonly<Record<string, Partial<EntityProperty>>>;

  /** Whether the database of this name lives in this very process, where no other can reach it. */
  isWithinProcess?(dbName: string): boolean;

  /** The folder of a database that one process at a time may open; `undefined` when there is none. */
  dataFolder?(config: Configuration): string | undefined;

  /** The file of the database, which connecting would make; `undefined` when there is none. */
  databaseFile?(config: Configuration): string | undefined;

  /** A statement that gives the character set of what the database keeps as `encoding`; not there where it is always Unicode. */
  readonly encoding?: string;

  /** How an aborted run's query in flight is ended: on the server, where the driver can. */
  readonly abortStrategy: InflightQueryAbortStrategy;

  /** The database's present instant, in the type of our time columns; the same throughout one statement. */
  readonly now: string;

  /** An instant in milliseconds since 1970, in the type of our time columns. */
  instant(millis: string): string;

  /** A time column or expression as milliseconds since 1970; the driver gives it as a JavaScript number. */
  millis(instant: string): string;

  /** How often a whole number goes into a number of milliseconds, as a whole number. */
  quotient(millis: string, divisor: number): string;

  /** A row source with one column `code` from one parameter that holds a JSON array of strings. */
  codes(parameter: string): string;

  /** Whether `SELECT … FOR UPDATE SKIP LOCKED` locks a row; where not, only single statements are atomic. */
  readonly hasRowLocks: boolean;

  /** Whether one statement can write several tables by `WITH … UPDATE … RETURNING`. */
  readonly hasWritableWith: boolean;

  /** What ends an INSERT so that it gives the key; empty where the driver gives it anyway. */
  readonly returningId: string;

  /** The isolation level of claims: each statement, or each read after the lock, sees what was committed before it. */
  readonly claimIsolation: 'read committed' | 'repeatable read' | undefined;

  /** Statements that begin a claim's transaction: a stopped process must not keep its row locks. */
  readonly limitTransaction?: readonly string[];

  /** Texts put together. */
  concat(...texts: string[]): string;

  /** A session setting under which our statements would be unsafe; looked at once on each connection. */
  readonly refusal?: {
    /** Without parameters; gives one row. */
    readonly statement: string;
    /** The fault and the way out; `undefined` when the session is fine. */
    explain(row: Readonly<Record<string, unknown>>): { readonly what: string; readonly wayOut: string } | undefined;
  };

  /** `driverOptions` of a connection of our own, where it needs others than the host's. */
  ownConnectionOptions?(driverOptions: object): { readonly driverOptions: object };

  /** What a session carries from one user of a shared connection to the next, and how it is put right. */
  readonly session?: {
    /** Statements that give the settings as rows of `name` and `value`; who the user is comes before the rest. */
    readonly read: readonly string[];
    /** A statement that sets one of them, and its parameters. */
    set(name: string, value: string): { readonly statement: string; readonly parameters: string[] };
    /** Runs a statement past MikroORM, where the client answers within the call. @default by an EntityManager */
    run?(orm: MikroORM, statement: string, parameters: readonly string[]): Promise<object[]>;
    /** Ends a transaction that somebody began by hand and left open. */
    endTransaction(orm: MikroORM): Promise<void>;
    /** Statements that drop temporary tables which hide ours, and let go of what restored settings do not hold any more. */
    readonly cleanUp: readonly string[];
  };

  /** Whether all users of a host's pool share one session, since the driver opens one connection. */
  readonly hasOneSession?: boolean;

  /** How processes wait for one another where a file is the database; `undefined` where none is. */
  readWaits?(
    em: EntityManager,
    config: Configuration,
  ): Promise<{ readonly journalMode: string; readonly busyMillis: number } | undefined>;

  /** Whether an error says that another process is writing just now, so that the same can be tried again. */
  isBusy?(error: unknown): boolean;

  /**
   * Joins each row to the first of some rows of a table with a key `id`, by the shortest way through an index that ends
   * in the columns of `orderBy`; to nothing when there is none.
   */
  joinFirst(alias: string, rows: RowsInOrder): string;

  /** The greatest value of a column up to a bound, by the same way; null when there is none. */
  greatestUpTo(bound: string, column: string, table: string, where: string): string;

  /** An INSERT that does nothing when the row is there already: `insert into t (…) values (…)` in, statement out. */
  insertIgnore(insert: string): string;

  /** An instant as the driver sends it to our time columns: a primitive, so that values can be compared. */
  toColumn(instant: Date): string | number;

  /** Converts a value of our time columns to an instant; not there where MikroORM's own reading is sound. */
  fromColumn?(value: string | number): Date;
}

/** Rows of a table in an order. Conditions name the columns by the alias they are given. */
export interface RowsInOrder {
  readonly table: string;
  readonly where: (alias: string) => string;
  readonly orderBy: (alias: string) => string;
}
