import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/sqlite';
import { cron } from 'mikro-orm-cron';
import { CountVisits } from './src/CountVisits.ts';
import { Visit } from './src/Visit.ts';

export default defineConfig({
  dbName: 'example.db',
  entities: [Visit],
  extensions: [Migrator, cron({ jobs: [CountVisits], shutdownGraceSeconds: 5 })],
});
