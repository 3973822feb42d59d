import type { Options } from '@mikro-orm/core';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSession } from '../../src/commands/check/checkSession.ts';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost } from '../helpers/host.ts';

describeDrivers('a server with settings of its own', driver => {
  const itOnMySql = it.skipIf(!driver.name.startsWith('MariaDB'));
  let database: DriverDatabase;

  beforeAll(async () => {
    database = await driver.create();
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  /** A host whose sessions all have these settings. */
  const createHost = async (...settings: string[]) => {
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => `it's "\\' done` });
    const onCreateConnection: Options['onCreateConnection'] = async connection => {
      for (const setting of settings) {
        await (connection as { executeQuery(query: CompiledQuery): Promise<unknown> }).executeQuery(
          CompiledQuery.raw(setting),
        );
      }
    };
    return createTestHost(database, { jobs: [job] }, { onCreateConnection });
  };

  itOnMySql.each(['STATEMENT', 'MIXED', 'ROW'])('runs jobs with binlog_format=%s', async format => {
    await database.sql('delete from cron_job_log');
    await using app = await createHost(`set session binlog_format = '${format}'`);
    for (let run = 0; run < 2; run++) {
      const { jobs } = await app.runner.run({ force: true });
      expect(jobs.map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual(['succeeded: forced']);
    }
    expect(await database.sql('select status, message from cron_job_log')).toEqual([
      { status: 'succeeded', message: `it's "\\' done` },
      { status: 'succeeded', message: `it's "\\' done` },
    ]);
    expect(await app.runner.prune(0.000001, { allCodes: true })).toBeGreaterThanOrEqual(0);
  });

  itOnMySql('refuses NO_BACKSLASH_ESCAPES at the first tick, in one line', async () => {
    await database.sql('delete from cron_job_log');
    await using app = await createHost(`set session sql_mode = concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES')`);
    await expect(app.runner.run()).rejects.toThrow(
      /^Database '\w+': sql_mode has NO_BACKSLASH_ESCAPES, under which .+; remove it from the server's sql_mode, .+$/,
    );
    expect(await database.sql('select code from cron_job_log')).toEqual([]);
    const { orm, runner } = app;
    expect(await checkSession({ orm, runner, jobs: [], database: null })).toMatchObject([
      { status: 'problem', text: expect.stringMatching(/^sql_mode has NO_BACKSLASH_ESCAPES/) },
    ]);
  });
});
