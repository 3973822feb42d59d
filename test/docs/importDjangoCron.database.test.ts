import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePage } from '../../scripts/docs/parsePage.ts';
import { CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const PAGE = parsePage('docs/from-django-cron.md', read('docs/from-django-cron.md'));
const STATEMENT = PAGE.fences.find(({ language }) => language === 'sql')!.text;
const TABLES = read('scripts/docs/host/schema.sql');

const job = (code: string, schedule: Schedule) => defineCronJob({ code, schedule, do: () => 'ran' });
const jobs = [
  job('app.digest', new Schedule({ runAtTimes: ['6:30', '18:00'] })),
  job('app.sync', new Schedule({ runEveryMins: 60 })),
  job('app.killed', new Schedule({ runAtTimes: ['3:00'] })),
  job('app.night', new Schedule({ runAtTimes: ['2:30'], startingDeadlineMins: 180 })),
];

interface OldRow {
  readonly code: string;
  readonly start: string;
  readonly success?: boolean;
  readonly message?: string;
  readonly ranAt?: string;
}

describe('the documented import of django_cron_cronjoblog', () => {
  let database: TestDatabase;
  let clock: SettableClock;
  let host: TestHost;

  beforeEach(async () => {
    database = await createTestDatabase();
    clock = new SettableClock('2026-07-01T00:00:00Z');
    host = await createTestHost(database, { jobs, timeZone: 'Europe/Prague', clock });
    for (const statement of TABLES.split(/;\n/).filter(text => text.trim() !== '')) {
      await database.sql(statement);
    }
  });
  afterEach(async () => {
    await host[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const add = async (...rows: OldRow[]) => {
    for (const { code, start, success = true, message = '', ranAt = null } of rows) {
      await database.sql(
        `insert into django_cron_cronjoblog (code, start_time, end_time, is_success, message, ran_at_time)
         values (?, ?, ?, ?, ?, ?)`,
        [code, start, start, success, message, ranAt],
      );
    }
  };
  const rows = async () => host.orm.em.fork().find(CronJobLog, {}, { orderBy: { id: 'asc' } });
  const ranAt = async (now: string) => {
    clock.set(now);
    const report = await host.runner.run();
    return report.jobs.filter(({ outcome }) => outcome === 'succeeded').map(({ job: { code } }) => code);
  };

  it('keeps instants, outcomes and messages, and gives a run-at time its slot', async () => {
    // Columns that later versions have added.
    const unasked = {
      runTrigger: null,
      requestedBy: null,
      requestId: null,
      queuedAt: null,
      arguments: null,
      missedSlots: null,
    };
    await add(
      { code: 'app.sync', start: '2026-07-01T05:00:00Z', success: false, message: 'Trace\n\n' },
      { code: 'app.digest', start: '2026-07-01T04:32:00.123Z', message: 'sent\n', ranAt: '06:30' },
      { code: 'app.killed', start: '2026-07-01T01:00:07Z', message: 'Job in progress\n', ranAt: '03:00' },
    );
    await database.sql(STATEMENT);
    expect((await rows()).map(row => ({ ...row }))).toEqual([
      {
        ...{ id: 1, code: 'app.killed', status: 'abandoned', message: 'Job in progress', ranAtTime: '03:00' },
        ...{ startTime: new Date('2026-07-01T01:00:07Z'), endTime: new Date('2026-07-01T01:00:07Z') },
        ...{ scheduledFor: new Date('2026-07-01T01:00:00Z'), host: 'django-cron', pid: 0, fence: 0, ...unasked },
      },
      {
        ...{ id: 2, code: 'app.digest', status: 'succeeded', message: 'sent', ranAtTime: '06:30' },
        ...{ startTime: new Date('2026-07-01T04:32:00.123Z'), endTime: new Date('2026-07-01T04:32:00.123Z') },
        ...{ scheduledFor: new Date('2026-07-01T04:30:00Z'), host: 'django-cron', pid: 0, fence: 0, ...unasked },
      },
      {
        ...{ id: 3, code: 'app.sync', status: 'failed', message: 'Trace', ranAtTime: null },
        ...{ startTime: new Date('2026-07-01T05:00:00Z'), endTime: new Date('2026-07-01T05:00:00Z') },
        ...{ scheduledFor: null, host: 'django-cron', pid: 0, fence: 0, ...unasked },
      },
    ]);
  });

  it('runs nothing again that has run, and goes on from there', async () => {
    await add(
      { code: 'app.killed', start: '2026-07-01T01:00:07Z', ranAt: '03:00' },
      { code: 'app.digest', start: '2026-07-01T04:32:00Z', ranAt: '06:30' },
      { code: 'app.sync', start: '2026-07-01T07:30:00Z' },
    );
    await database.sql(STATEMENT);
    expect(await ranAt('2026-07-01T08:00:00Z')).toEqual([]);
    expect(await ranAt('2026-07-01T08:30:00Z')).toEqual(['app.sync']);
    expect(await ranAt('2026-07-01T16:00:00Z')).toEqual(['app.digest', 'app.sync']);
    expect((await rows()).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('without it the slots of today run again', async () => {
    expect(await ranAt('2026-07-01T08:00:00Z')).toEqual(['app.digest', 'app.sync', 'app.killed']);
  });

  it('lets a job run again that was killed, or that failed', async () => {
    await add(
      { code: 'app.killed', start: '2026-07-01T01:00:07Z', message: 'Job in progress\n', ranAt: '03:00' },
      { code: 'app.digest', start: '2026-07-01T04:32:00Z', success: false, ranAt: '06:30' },
      { code: 'app.sync', start: '2026-07-01T07:30:00Z' },
    );
    await database.sql(STATEMENT);
    expect(await ranAt('2026-07-01T08:00:00Z')).toEqual(['app.digest', 'app.killed']);
  });

  it('runs nothing again in the nights of the clock changes', async () => {
    // 02:30 does not come in March, and the tick after the gap ran it; in October it comes twice, and the first ran it.
    await add(
      { code: 'app.night', start: '2026-03-29T01:02:00Z', ranAt: '02:30' },
      { code: 'app.night', start: '2026-10-25T00:32:00Z', ranAt: '02:30' },
    );
    await database.sql(STATEMENT);
    expect(await ranAt('2026-03-29T01:10:00Z')).not.toContain('app.night');
    expect(await ranAt('2026-10-25T00:40:00Z')).not.toContain('app.night');
    expect(await ranAt('2026-10-25T01:40:00Z')).not.toContain('app.night');
    expect(await ranAt('2026-10-26T01:40:00Z')).toContain('app.night');
  });

  it('takes the local times of a Django without USE_TZ for what they are', async () => {
    await database.sql(`set time zone 'UTC'`);
    await database.sql(
      `alter table django_cron_cronjoblog alter start_time type timestamp, alter end_time type timestamp`,
    );
    await add({ code: 'app.digest', start: '2026-07-01 06:32:00', ranAt: '06:30' });
    const local = STATEMENT.replace(
      'start_time, end_time,',
      `start_time at time zone 'Europe/Prague' as start_time, end_time at time zone 'Europe/Prague' as end_time,`,
    );
    await database.sql(local);
    expect(await rows()).toEqual([
      expect.objectContaining({
        startTime: new Date('2026-07-01T04:32:00Z'),
        scheduledFor: new Date('2026-07-01T04:30:00Z'),
      }),
    ]);
  });

  it('shortens long messages in the middle, and does nothing the second time', async () => {
    await add({ code: 'app.sync', start: '2026-07-01T05:00:00Z', message: `begin${'ž'.repeat(100_000)}end` });
    await database.sql(STATEMENT);
    await database.sql(STATEMENT);
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row!.message).toMatch(/^beginž+\n\[…\]\nž+end$/);
    expect(Buffer.byteLength(row!.message)).toBeLessThan(60_000);
  });
});
