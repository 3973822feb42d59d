import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/sqlite';
import { cron, cronEntities, CronJobLog, getCronRunner } from 'mikro-orm-cron';
import { AddCronFencesSqlite, AddCronStateSqlite, CreateCronTablesSqlite } from 'mikro-orm-cron/migrations';
import { CountDown } from './CountDown.js';

// In a bundle there are no files to look for: entities, jobs and migrations are named by their classes.
const orm = await MikroORM.init({
  dbName: 'example.db',
  entities: cronEntities,
  migrations: { migrationsList: [CreateCronTablesSqlite, AddCronFencesSqlite, AddCronStateSqlite], snapshot: false },
  extensions: [Migrator, cron({ jobs: [CountDown] })],
});
try {
  await orm.migrator.up();
  const { jobs } = await getCronRunner(orm).run();
  for (const { job, outcome, reason } of jobs) {
    console.log(`${job.code}: ${outcome} (${reason})`);
  }
  const rows = await orm.em.fork().find(CronJobLog, {});
  console.log(rows.map(({ status, message }) => `${status}: ${message}`).join('\n'));
} finally {
  await orm.close();
}
