import { Migrator } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/postgresql';
import { defineConfig } from '@mikro-orm/postgresql';
import { describe, expectTypeOf, it } from 'vitest';
import {
  cacheLock,
  cron,
  CronJobBase,
  CronJobLog,
  type CronRunner,
  defineCronJob,
  fileLock,
  getCronRunner,
  JobLock,
  type JobOutcome,
  memoryCache,
  type RunStatus,
  Schedule,
  type TickReport,
} from '../../src/index.ts';

class Job extends CronJobBase {
  readonly code = 'types.job';
  readonly schedule = new Schedule({ runEveryMins: 5 });
  do() {}
}

class Injected extends Job {
  readonly mailer: { send(text: string): void };

  constructor(mailer: { send(text: string): void }) {
    super();
    this.mailer = mailer;
  }
}

declare const orm: MikroORM;

describe('settings', () => {
  it('take classes, also with constructor parameters, defined jobs and globs', () => {
    const defined = defineCronJob({ code: 'types.defined', schedule: new Schedule({ runEveryMins: 5 }), do() {} });
    defineConfig({
      dbName: 'types',
      extensions: [Migrator, cron({ jobs: [Job, Injected, defined, './crons/*.js'] })],
    });
  });

  it('have their errors at their keys', () => {
    cron({
      // @ts-expect-error jobs are a list
      jobs: Job,
      // @ts-expect-error one zone
      timeZone: ['UTC'],
      // @ts-expect-error seconds are a number
      lockTimeSeconds: '300',
      // @ts-expect-error a lock is made by a function
      lock: 'database',
      // @ts-expect-error a clock has now()
      clock: { time: () => new Date() },
    });
  });

  it('refuse a name they do not know, and an element that is no job', () => {
    // @ts-expect-error it is timeZone
    cron({ jobs: [Job], timezone: 'UTC' });
    // @ts-expect-error an entity is no job
    cron({ jobs: [CronJobLog] });
    // @ts-expect-error jobs are required
    cron({});
  });

  it('take every kind of lock', () => {
    class Never extends JobLock {
      async lock() {
        return false;
      }
      async release() {}
    }
    cron({ jobs: [Job], lock: cacheLock({ cache: memoryCache() }) });
    cron({ jobs: [Job], lock: fileLock({ directory: 'locks' }) });
    cron({
      jobs: [Job],
      lock: (job, host) => {
        expectTypeOf(job).toEqualTypeOf<CronJobBase>();
        expectTypeOf(host).toExtend<{ em: unknown }>();
        return new Never();
      },
    });
  });

  it('refuse a lock that cannot release', () => {
    // @ts-expect-error release() is missing
    class Half extends JobLock {
      async lock() {
        return false;
      }
    }
    void Half;
  });
});

describe('the runner', () => {
  it('reports what became of each job', () => {
    expectTypeOf(getCronRunner(orm)).toEqualTypeOf<CronRunner>();
    expectTypeOf(getCronRunner(orm).run({ jobs: ['Job'], force: true })).resolves.toEqualTypeOf<TickReport>();
    expectTypeOf<TickReport['jobs'][number]['outcome']>().toEqualTypeOf<JobOutcome>();
    // @ts-expect-error it is force
    void getCronRunner(orm).run({ forced: true });
  });
});

describe('the log', () => {
  it("is an entity like the host's own", () => {
    expectTypeOf(
      orm.em.find(CronJobLog, { code: 'types.job', status: 'failed' }),
    ).resolves.items.toExtend<CronJobLog>();
    expectTypeOf<CronJobLog['status']>().toEqualTypeOf<RunStatus>();
    // @ts-expect-error there is no such status
    void orm.em.find(CronJobLog, { status: 'success' });
  });
});
