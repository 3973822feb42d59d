import type { TestProject } from 'vitest/node';
import { createMigratedDatabase, startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the test server without a database name. */
    postgresUrl: string;
  }
}

/** Name of the database with our tables in it that every test file clones. */
export const TEMPLATE = 'cron_template';

/** Starts one real PostgreSQL for the whole test run and migrates the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  await createMigratedDatabase(server.url, TEMPLATE);
  project.provide('postgresUrl', server.url);
  return async () => server[Symbol.asyncDispose]();
}
