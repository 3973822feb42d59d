import type { EntityManager } from '@mikro-orm/sql';

/** Fills the log with `rows` finished runs, spread evenly over the jobs and over the year until a minute ago. */
export async function fillLog(em: EntityManager, rows: number, jobs: number): Promise<void> {
  await em.execute('truncate cron_job_log');
  await em.execute(`
    insert into cron_job_log (code, start_time, end_time, status, message, ran_at_time, scheduled_for, host, pid)
    select 'bench.job_' || (n % ${jobs} + 1), t, t + interval '2 seconds',
      case when n % 50 = 0 and n > ${jobs} then 'failed' else 'succeeded' end,
      'run ' || n || ': ' || repeat('worked on this and that, ', 4),
      case when n % 2 = 1 then '06:30' end, case when n % 2 = 1 then t end, 'bench', 1
    from (select n, now() - interval '1 minute' - n * interval '365 days' / ${rows} as t
      from generate_series(1, ${rows}) n) s order by n desc`);
  await em.execute('vacuum analyze cron_job_log');
}
