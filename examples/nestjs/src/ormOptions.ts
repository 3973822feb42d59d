import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';
import { cron, cronEntities, type CronSettings } from 'mikro-orm-cron';
import { SendGreetings } from './SendGreetings.js';

/** The options of MikroORM, for the application and for its command line alike; they differ in who builds the jobs. */
export const ormOptions = (createJob: CronSettings['createJob']) =>
  defineConfig({
    dbName: 'example.db',
    entities: cronEntities,
    migrations: { path: './dist/migrations', pathTs: './src/migrations', emit: 'ts' },
    extensions: [Migrator, cron({ jobs: [SendGreetings], ...(createJob && { createJob }) })],
  });
