import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { endMariaDb } from './mariadb.ts';
import { createMigratedDatabase, startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the test server without a database name. */
    postgresUrl: string;
    /** Where the first test that needs another server starts it for all. */
    serversDirectory: string;
  }
}

/** Name of the database with our tables in it that every test file clones. */
export const TEMPLATE = 'cron_template';

/** Starts one real PostgreSQL for the whole test run and migrates the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  await createMigratedDatabase(server.url, TEMPLATE);
  project.provide('postgresUrl', server.url);
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-servers-'));
  project.provide('serversDirectory', directory);
  return async () => {
    await endMariaDb(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    await server[Symbol.asyncDispose]();
  };
}
