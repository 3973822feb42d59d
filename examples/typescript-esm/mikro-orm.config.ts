import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';
import { cron } from 'mikro-orm-cron';

export default defineConfig({
  dbName: 'example.db',
  entities: ['./dist/entities'],
  entitiesTs: ['./src/entities'],
  migrations: { path: './dist/migrations', pathTs: './src/migrations' },
  extensions: [
    Migrator,
    cron({
      jobs: ['./dist/crons/*.js'],
      jobsTs: ['./src/crons/*.ts'],
      timeZone: 'Europe/Prague',
      deleteLogsOlderThanDays: 30,
    }),
  ],
});
