import { MikroORM } from '@mikro-orm/sqlite';
import { expect, it } from 'vitest';
import { cron, cronEntities, defineCronJob, getCronRunner, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';

it('decides with the present instant: a job that becomes due while another one runs is run by the same tick', async () => {
  const clock = new SettableClock('2026-03-02T05:00:00Z');
  const slow = defineCronJob({
    code: 'slow',
    schedule: new Schedule({ runAtTimes: ['05:01'], timeZone: 'UTC' }),
    do: () => clock.advance(36),
  });
  const minutely = defineCronJob({
    code: 'minutely',
    schedule: new Schedule({ runAtTimes: ['05:02'], timeZone: 'UTC' }),
    do: () => undefined,
  });
  const orm = await MikroORM.init({
    dbName: ':memory:',
    entities: cronEntities,
    extensions: [cron({ jobs: [slow, minutely], timeZone: 'UTC', clock })],
  });
  await orm.schema.create();
  clock.set('2026-03-02T05:01:30Z');
  const { jobs } = await getCronRunner(orm).run();
  await orm.close();
  expect(jobs.map(({ job, outcome }) => [job.code, outcome])).toEqual([
    ['slow', 'succeeded'],
    ['minutely', 'succeeded'],
  ]);
});
