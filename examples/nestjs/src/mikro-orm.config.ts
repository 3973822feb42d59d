import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';
import { cron, cronEntities } from 'mikro-orm-cron';
import { nestJobs } from 'mikro-orm-cron/nestjs';

/** One config for the application and for the command line: a command that needs the jobs boots the application's container. */
export default defineConfig({
  dbName: 'example.db',
  entities: cronEntities,
  migrations: { path: './dist/migrations', pathTs: './src/migrations', emit: 'ts' },
  extensions: [Migrator, cron({ jobs: [nestJobs(() => import('./AppModule.js'))] })],
});
