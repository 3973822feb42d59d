import { expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';
import { createMigratedDatabase } from '../helpers/postgres.ts';

it('an outcome that a LATIN1 database cannot hold is written in a plainer form, at once, and the others as they are', async () => {
  await using database = await createTestDatabase(`template0 encoding 'LATIN1' locale 'C'`);
  const { pathname } = new URL(database.url);
  await createMigratedDatabase(database.url.slice(0, -pathname.length), pathname.slice(1));
  expect(await database.sql('show server_encoding')).toEqual([{ server_encoding: 'LATIN1' }]);
  const job = (code: string, message: string) =>
    defineCronJob({ code, schedule: new Schedule({ runEveryMins: 60 }), do: () => message });
  const failing = defineCronJob({
    code: 'failing',
    schedule: new Schedule({ runEveryMins: 60 }),
    do: () => {
      throw new Error('✘ no 🐎');
    },
  });
  const jobs = [job('check', '✔ done'), job('cafe', 'café'), job('horse', 'a 🐎 runs'), failing];
  await using app = await createTestHost(database, { jobs, concurrency: 4, logErrors: false });
  const startedAt = performance.now();
  const report = await app.runner.run();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(report.jobs.map(({ job: { code }, outcome }) => [code, outcome]).toSorted()).toEqual([
    ['cafe', 'succeeded'],
    ['check', 'succeeded'],
    ['failing', 'failed'],
    ['horse', 'succeeded'],
  ]);
  const rows = await database.sql<{ code: string; message: string; end_time: unknown }>(
    'select code, message, end_time from cron_job_log order by code',
  );
  expect(rows).toMatchObject([
    { code: 'cafe', message: 'café' },
    { code: 'check', message: '? done' },
    { code: 'failing', message: expect.stringMatching(/\? no \?/) },
    { code: 'horse', message: expect.stringMatching(/^a \?+ runs$/) },
  ]);
  const outcomes = (await app.runner.run()).jobs.map(({ outcome }) => outcome);
  // Of a run that failed the interval is still due.
  expect(outcomes.toSorted()).toEqual(['failed', 'not_due', 'not_due', 'not_due']);
});
