import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';
import { cron } from 'mikro-orm-cron';
import { SendReminders } from './src/crons/SendReminders.js';
import { Invoice } from './src/entities/Invoice.js';

export default defineConfig({
  dbName: 'example.db',
  entities: [Invoice],
  extensions: [Migrator, cron({ jobs: [SendReminders], timeZone: 'Europe/Prague' })],
});
