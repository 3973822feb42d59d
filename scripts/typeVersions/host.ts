import { defineConfig, MikroORM } from '@mikro-orm/mariadb';
import { Migrator } from '@mikro-orm/migrations';
import {
  cron,
  CronJobBase,
  type CronJobContext,
  CronJobLog,
  defineCronJob,
  getCronRunner,
  Schedule,
} from 'mikro-orm-cron';
import { AddCronFencesMySql, AddCronStateMySql, CreateCronTablesMySql } from 'mikro-orm-cron/migrations';
import { everyMinutes, SettableClock, simulate } from 'mikro-orm-cron/testing';

export class CountRuns extends CronJobBase {
  readonly code = 'types.count_runs';
  readonly schedule = new Schedule({ runEveryMins: 5, runWeeklyOnDays: ['monday'] });

  async do({ em, previousSuccess, signal }: CronJobContext): Promise<string> {
    signal.throwIfAborted();
    const runs = await em.count(CronJobLog, { startTime: { $gt: previousSuccess?.startTime ?? new Date(0) } });
    return `${runs} runs since`;
  }
}

// @ts-expect-error code is missing
export class WithoutCode extends CronJobBase {
  readonly schedule = new Schedule({ runEveryMins: 5 });
  do(): void {}
}

const defined = defineCronJob({
  code: 'types.defined',
  schedule: new Schedule({ cron: '@daily' }),
  do: ({ write }) => write('a line'),
});

const orm = await MikroORM.init(
  defineConfig({
    dbName: 'types',
    migrations: { migrationsList: [CreateCronTablesMySql, AddCronFencesMySql, AddCronStateMySql] },
    extensions: [
      Migrator,
      cron({
        jobs: [CountRuns, defined],
        clock: new SettableClock(new Date(0)),
        // @ts-expect-error seconds are a number
        lockTimeSeconds: '300',
      }),
    ],
  }),
);
const report = await getCronRunner(orm).run({ jobs: ['CountRuns'] });
export const outcomes: string[] = report.jobs.map(job => job.outcome);
export const days = simulate(defined.schedule, everyMinutes(new Date(0), new Date(1), 5), { timeZone: 'UTC' });
