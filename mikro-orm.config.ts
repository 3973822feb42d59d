import { Migrator } from '@mikro-orm/migrations';
import { defineConfig as definePglite } from '@mikro-orm/pglite';
import { defineConfig as definePostgreSql } from '@mikro-orm/postgresql';
import { SignupSchema } from './demo/entities/Signup.ts';
import { cron } from './src/index.ts';

/** This repository is itself a host: the demo's config, on an embedded database unless DATABASE_URL names a server. */
const host = {
  entities: [SignupSchema],
  extensions: [Migrator, cron({ jobs: ['./demo/crons/*.ts'], timeZone: 'Europe/Prague', lockTimeSeconds: 60 })],
  migrations: { path: './demo/migrations', snapshot: false },
  baseDir: import.meta.dirname,
};

export default process.env['DATABASE_URL']
  ? definePostgreSql({ ...host, clientUrl: process.env['DATABASE_URL'] })
  : definePglite({ ...host, dbName: '.demo' });
