const { Migrator } = require('@mikro-orm/migrations');
const { defineConfig } = require('@mikro-orm/sqlite');
const { cron } = require('mikro-orm-cron');
const { Invoice } = require('./entities/Invoice.js');

module.exports = defineConfig({
  dbName: 'example.db',
  entities: [Invoice],
  migrations: { emit: 'cjs' },
  extensions: [Migrator, cron({ jobs: ['./crons/*.js'], timeZone: 'Europe/Prague' })],
});
