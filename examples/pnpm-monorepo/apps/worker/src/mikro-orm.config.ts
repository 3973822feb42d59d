import { Invoice, SendReminders } from '@example/billing';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/pglite';
import { cron } from 'mikro-orm-cron';

export default defineConfig({
  dbName: './data',
  entities: [Invoice],
  migrations: { path: './dist/migrations', pathTs: './src/migrations', emit: 'ts' },
  extensions: [Migrator, cron({ jobs: [SendReminders], timeZone: 'Europe/Prague' })],
});
