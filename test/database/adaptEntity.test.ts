import { MikroORM } from '@mikro-orm/sqlite';
import { expect, it } from 'vitest';
import { cron, cronEntities, CronJobLog, CronJobLogSchema, defineCronJob, Schedule } from '../../src/index.ts';

const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });

it('fits our mapping to the database without a trace on other ORMs, and the host’s own onMetadata is heard', async () => {
  const heard: string[] = [];
  const orm = await MikroORM.init({
    dbName: ':memory:',
    entities: cronEntities,
    extensions: [cron({ jobs: [job] })],
    discovery: { onMetadata: meta => void heard.push(meta.className) },
  });
  expect(orm.getMetadata(CronJobLog).properties.id.columnTypes).toEqual(['integer']);
  expect(CronJobLogSchema.meta.properties.id.columnTypes).toBeUndefined();
  expect(heard).toEqual(['CronJobLog', 'CronJobLock', 'CronJobState']);
  await orm.close(true);
});
