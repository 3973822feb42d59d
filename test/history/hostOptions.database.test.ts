import { EntityCaseNamingStrategy, type Options } from '@mikro-orm/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogReader } from '../../src/history/LogReader.ts';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';

const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: () => 'ran' });

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => database[Symbol.asyncDispose]());

const options: [string, Partial<Options>][] = [
  ['none', {}],
  ['forceUndefined', { forceUndefined: true }],
  ['forceEntityConstructor', { forceEntityConstructor: true }],
  [
    'replicas that are behind, or gone',
    { replicas: [{ host: '127.0.0.1', port: 1, user: 'x', dbName: 'x' }], preferReadReplicas: true },
  ],
  ['validateRequired and ignoreUndefinedInQuery', { validateRequired: true, ignoreUndefinedInQuery: true }],
  ['a naming strategy', { namingStrategy: EntityCaseNamingStrategy }],
  ['a result cache for everything', { resultCache: { global: 60_000 } }],
  ['a filter for every entity', { filters: { hidden: { cond: { message: 'of nobody' }, default: true } } }],
  ['a schema that is the default', { schema: 'public' }],
  ['another default order and limits', { batchSize: 1, loadStrategy: 'select-in', forceUtcTimezone: true }],
];

it.each(options)('runs and reads its rows whatever options the host has: %s', async (_, host) => {
  await using app = await createTestHost(database, { jobs: [job], timeZone: 'UTC' }, host);
  expect((await app.runner.run()).jobs).toMatchObject([{ outcome: 'succeeded' }]);
  await database.sql(
    `insert into cron_job_log (code, start_time, status, message, host, pid) values ('b', now(), 'running', '', 'h', 1)`,
  );
  const reader = new LogReader(app.orm, undefined);
  const [first, running] = await reader.after(0, undefined, 10);
  expect(first).toMatchObject({ code: 'a', status: 'succeeded', message: 'ran', ranAtTime: null, scheduledFor: null });
  expect(running).toMatchObject({ code: 'b', endTime: null, duration: null, scheduledFor: null });
  expect(await reader.one(running!.id)).toMatchObject({ endTime: null, duration: null });
  await database.sql(`update cron_job_log set status = 'failed', end_time = now() where code = 'b'`);
  expect(await reader.byIds([running!.id], {})).toMatchObject([{ status: 'failed', endTime: expect.any(Date) }]);
});
