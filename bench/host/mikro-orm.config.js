import { defineConfig } from '@mikro-orm/postgresql';
import { cron, cronEntities, defineCronJob, Schedule } from 'mikro-orm-cron';

/** A compiled host with many jobs, of which a database filled by the bench makes none due. */
const jobs = Array.from({ length: Number(process.env.BENCH_JOBS ?? 200) }, (_, index) =>
  defineCronJob({
    code: `bench.job_${index + 1}`,
    schedule:
      index % 2 === 0
        ? new Schedule({ runEveryMins: 10_000_000, retryAfterFailureMins: 5 })
        : new Schedule({ runAtTimes: ['06:30', '18:00'], startingDeadlineMins: 1, timeZone: 'Pacific/Kiritimati' }),
    do: () => 'done',
  }),
);

export default defineConfig({
  clientUrl: process.env.DATABASE_URL,
  baseDir: import.meta.dirname,
  entities: cronEntities,
  extensions: [cron({ jobs, timeZone: 'UTC' })],
});
