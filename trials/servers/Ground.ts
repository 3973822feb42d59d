import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM as MariaDbOrm } from '@mikro-orm/mariadb';
import { MikroORM as PostgreSqlOrm } from '@mikro-orm/postgresql';
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite';
import { Redis } from 'ioredis';
import { cronEntities } from '../../src/index.ts';
import { endMariaDb, sharedMariaDb, whyNoMariaDb } from '../../test/helpers/mariadb.ts';
import { type PostgresServer, startPostgres } from '../../test/helpers/postgres.ts';
import { startRedis, whyNoRedis } from '../../test/helpers/redis.ts';
import type { HostSpec } from '../host/HostSpec.ts';
import type { LogRow } from '../witness/judgeSlots.ts';

/** Where a trial's host keeps its tables and its locks. */
export const BACKENDS = ['postgresql', 'mariadb', 'sqlite-wal', 'sqlite', 'redis', 'file'] as const;

export type Backend = (typeof BACKENDS)[number];

/** Runs plain SQL; no entity and no code of the package stands between. */
type Sql = <Row>(statement: string) => Promise<Row[]>;

/** A server of the trial's own, with the package's tables in it, and an onlooker's eyes on them. */
export interface Ground extends AsyncDisposable {
  readonly backend: Backend;
  /** What the host's config needs. */
  readonly host: Pick<HostSpec, 'driver' | 'connection' | 'lock'>;
  /** Whether locks run out by themselves. */
  readonly hasLease: boolean;
  /** The PostgreSQL server, where there is one. */
  readonly postgres?: PostgresServer;
  readonly sql: Sql;
  /** All rows of the log. */
  rows(): Promise<LogRow[]>;
  /** Puts a success of this slot into the log. */
  addSuccess(code: string, slot: number): Promise<void>;
  /** How many locks are held now. */
  locksHeld(): Promise<number>;
  /** Empties the lock server, for Redis. */
  flush(): Promise<void>;
}

/** How one database spells what the onlooker asks. */
interface Spelling {
  readonly millis: (column: string) => string;
  readonly instant: (millis: number) => string;
  readonly now: string;
}

const postgreSqlSpelling: Spelling = {
  millis: column => `(extract(epoch from ${column}) * 1000)::float8`,
  instant: millis => `to_timestamp(${millis} / 1000.0)`,
  now: 'clock_timestamp()',
};

const mariaDbSpelling: Spelling = {
  millis: column => `timestampdiff(microsecond, timestamp'1970-01-01 00:00:00', ${column}) / 1000`,
  instant: millis => `timestampadd(microsecond, ${millis} * 1000, timestamp'1970-01-01 00:00:00')`,
  now: 'utc_timestamp(3)',
};

const sqliteSpelling: Spelling = {
  millis: column => column,
  instant: millis => String(millis),
  now: `cast((julianday('now') - 2440587.5) * 86400000 as integer)`,
};

/** Starts the servers that a backend stands on, with the package's tables in a database of their own. */
export async function startGround(backend: Backend): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const ground = await grounds[backend](stack);
  const owned = stack.move();
  return { backend, flush: async () => undefined, ...ground, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Made = Omit<Ground, 'backend' | 'flush' | typeof Symbol.asyncDispose> & Partial<Pick<Ground, 'flush'>>;

const grounds: Record<Backend, (stack: AsyncDisposableStack) => Promise<Made>> = {
  postgresql: stack => onPostgres(stack),
  mariadb: stack => onMariaDb(stack),
  'sqlite-wal': stack => onSqlite(stack, 'wal'),
  sqlite: stack => onSqlite(stack, 'delete'),
  async redis(stack) {
    refuse(whyNoRedis());
    const ground = await onPostgres(stack);
    const server = stack.use(await startRedis());
    const client = stack.adopt(new Redis(server.url), opened => opened.disconnect());
    return {
      ...ground,
      host: { ...ground.host, lock: { kind: 'redis', url: server.url } },
      locksHeld: async () => client.dbsize(),
      flush: async () => void (await client.flushall()),
    };
  },
  async file(stack) {
    const ground = await onPostgres(stack);
    // The kernel frees the locks of processes that are gone, and the settling tick finds any other.
    const directory = await temporary(stack, 'locks');
    return {
      ...ground,
      hasLease: false,
      host: { ...ground.host, lock: { kind: 'file', directory } },
      locksHeld: async () => 0,
    };
  },
};

/** One PostgreSQL server for all trials of a process, each with a database of its own. */
let shared: Promise<PostgresServer> | undefined;

let databases = 0;

/** Ends what all trials share. */
export async function endServers(): Promise<void> {
  await (await shared)?.[Symbol.asyncDispose]();
}

async function onPostgres(stack: AsyncDisposableStack): Promise<Made> {
  const postgres = await (shared ??= startPostgres());
  const name = `trial_${++databases}`;
  const onlooker = await PostgreSqlOrm.init({ clientUrl: `${postgres.url}/postgres`, ...bare });
  await onlooker.em.execute(`create database ${name}`);
  await onlooker.close(true);
  const clientUrl = `${postgres.url}/${name}`;
  const orm = await PostgreSqlOrm.init({ clientUrl, entities: cronEntities, ...quiet });
  stack.defer(() => orm.close(true));
  await orm.schema.create();
  const sql: Sql = statement => orm.em.fork().execute(statement);
  return {
    host: { driver: 'postgresql', connection: { clientUrl }, lock: { kind: 'database' } },
    postgres,
    ...eyes(sql, postgreSqlSpelling),
  };
}

async function onMariaDb(stack: AsyncDisposableStack): Promise<Made> {
  refuse(whyNoMariaDb());
  const directory = await temporary(stack, 'mariadb');
  stack.defer(() => endMariaDb(directory));
  const clientUrl = await sharedMariaDb(directory);
  const server = await MariaDbOrm.init({ clientUrl, dbName: 'mysql', entities: [], ...quiet });
  await server.em.execute('create database trial');
  await server.close(true);
  const connection = { clientUrl, dbName: 'trial' };
  const orm = await MariaDbOrm.init({ ...connection, entities: cronEntities, ...quiet });
  stack.defer(() => orm.close(true));
  await orm.schema.create();
  const sql: Sql = statement => orm.em.fork().execute(statement);
  return { host: { driver: 'mariadb', connection, lock: { kind: 'database' } }, ...eyes(sql, mariaDbSpelling) };
}

async function onSqlite(stack: AsyncDisposableStack, journal: 'wal' | 'delete'): Promise<Made> {
  const dbName = join(await temporary(stack, 'sqlite'), 'host.db');
  const orm = await SqliteOrm.init({ dbName, entities: cronEntities, ...quiet });
  await orm.schema.create();
  await orm.close(true);
  // Waiting for a lock would keep the trial's own event loop.
  const database = new DatabaseSync(dbName, { timeout: 50 });
  stack.defer(() => database.close());
  database.exec(`pragma journal_mode = ${journal}`);
  const sql: Sql = <Row>(statement: string) => withoutBusy(() => database.prepare(statement).all() as Row[]);
  return {
    host: { driver: 'sqlite', connection: { dbName }, lock: { kind: 'database' } },
    ...eyes(sql, sqliteSpelling),
  };
}

/** Tries again while somebody else has the database locked. */
async function withoutBusy<T>(run: () => T): Promise<T> {
  for (let left = 200; ; left--) {
    try {
      return run();
    } catch (error) {
      if (left === 0 || !(error instanceof Error && error.message.includes('locked'))) {
        throw error;
      }
      await delay(50);
    }
  }
}

const quiet = { logger: () => undefined, allowGlobalContext: true };

const bare = { ...quiet, entities: [], discovery: { warnWhenNoEntities: false } };

function eyes(
  sql: Sql,
  { millis, instant, now }: Spelling,
): Pick<Made, 'sql' | 'rows' | 'addSuccess' | 'locksHeld' | 'hasLease'> {
  return {
    sql,
    hasLease: true,
    async rows() {
      const rows = await sql<{ id: number | string; code: string; status: string; slot: number | string | null }>(
        `select id, code, status, ${millis('scheduled_for')} as slot from cron_job_log`,
      );
      return rows.map(row => ({ ...row, id: Number(row.id), slot: row.slot === null ? null : Number(row.slot) }));
    },
    async addSuccess(code, slot) {
      const at = instant(slot);
      await sql(
        `insert into cron_job_log (code, start_time, end_time, status, message, scheduled_for, host, pid)` +
          ` values ('${code}', ${at}, ${at}, 'succeeded', 'before the trial', ${at}, 'trial', 0)`,
      );
    },
    async locksHeld() {
      const [row] = await sql<{ held: number | string }>(
        `select count(*) as held from cron_job_lock where owner is not null and locked_until > ${now}`,
      );
      return Number(row?.held);
    },
  };
}

/** The process of the PostgreSQL server: its first one, whose children serve the clients. */
export async function postmasterOf({ sql }: Ground): Promise<number> {
  const [row] = await sql<{ data_directory: string }>('show data_directory');
  return Number((await readFile(join(row!.data_directory, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
}

async function temporary(stack: AsyncDisposableStack, name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `mikro-orm-cron-trial-${name}-`));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) {
    throw new Error(reason);
  }
}
