import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CronSettings, defineCronJob, Schedule } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database[Symbol.asyncDispose]());

async function messageOfRun(settings: Partial<CronSettings>, act: () => unknown): Promise<string> {
  const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: act });
  await using app = await createTestHost(database, { jobs: [job], timeZone: 'UTC', ...settings });
  const { jobs } = await app.runner.run();
  return jobs[0]!.log!.message;
}

async function fail(): Promise<never> {
  await Promise.resolve();
  throw Object.assign(new Error('deep'), { headers: { cookie: 'sEcReT' }, code: 'EDEEP' });
}

it("shows the job's frames in a run's message, and none of the runner's", async () => {
  const message = await messageOfRun({}, async () => fail());
  expect(message).toMatch(/^Error: deep\n\s+at (?:async )?fail /);
  expect(message).toContain("code: 'EDEEP'");
  expect(message).not.toMatch(/src\/runner|node:internal|sEcReT/);
});

it('takes the text of the setting describeError', async () => {
  const describeError = (error: unknown) => `told by the host: ${String(error)}`;
  expect(await messageOfRun({ describeError }, fail)).toBe('told by the host: Error: deep');
});
