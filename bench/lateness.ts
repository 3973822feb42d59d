import { MikroORM } from '@mikro-orm/postgresql';
import { cron, cronEntities, CronJobLog, defineCronJob, getCronRunner, Schedule } from '../src/index.ts';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';
import { ms } from './measure.ts';

/**
 * How late the exact loop starts what is due: 200 jobs, of which 20 are due each minute, over `BENCH_SECONDS` (190). Statements
 * and CPU are those of the loop after its first tick. With `BENCH_EXACT=0` the loop keeps a steady pace of `BENCH_SLEEP`.
 */
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 190);
const SLEEP = Number(process.env['BENCH_SLEEP'] ?? 60);
const CONCURRENCY = Number(process.env['BENCH_CONCURRENCY'] ?? 8);
const EXACT = process.env['BENCH_EXACT'] !== '0';

await using server = await startPostgres();
const url = await createMigratedDatabase(server.url, 'lateness');

// Every tenth minute each, so that 20 of them fall on each minute.
const jobs = Array.from({ length: 200 }, (_, index) =>
  defineCronJob({
    code: `late.job_${index}`,
    schedule: new Schedule({ cron: `${index % 10}-59/10 * * * *`, timeZone: 'UTC', startingDeadlineMins: 5 }),
    do: () => 'done',
  }),
);
await using orm = await MikroORM.init({
  clientUrl: url,
  entities: cronEntities,
  extensions: [cron({ jobs, concurrency: CONCURRENCY, timeZone: 'UTC' })],
});
await using watcher = await MikroORM.init({ clientUrl: url, entities: cronEntities });
const em = watcher.em.fork();
const transactions = async () =>
  Number(
    (
      await em.execute<{ n: string }[]>(
        `select xact_commit as n from pg_stat_database where datname = current_database()`,
      )
    )[0]?.n,
  );

const runner = getCronRunner(orm);
// What is due already is run first, so that only runs on time are measured.
await runner.run();
const beganAt = Date.now();
const [before, cpuBefore] = [await transactions(), process.cpuUsage()];
let ticks = 0;
runner.start({ exact: EXACT, sleepSeconds: SLEEP, onEvent: ({ type }) => void (type === 'tickEnded' && ticks++) });
await new Promise(resolve => setTimeout(resolve, SECONDS * 1_000));
await runner.stop();
const { user, system } = process.cpuUsage(cpuBefore);
const sent = (await transactions()) - before;

const runs = await em.find(CronJobLog, { scheduledFor: { $ne: null }, startTime: { $gte: new Date(beganAt) } });
const late = runs
  .map(({ startTime, scheduledFor }) => startTime.getTime() - scheduledFor!.getTime())
  .toSorted((a, b) => a - b);
const at = (share: number) => ms(late[Math.min(Math.floor(late.length * share), late.length - 1)] ?? NaN);
console.log(
  `Lateness of ${late.length} runs, 20 of 200 jobs due each minute, ${SECONDS} s, concurrency ${CONCURRENCY}`,
);
console.table([
  {
    'median ms': at(0.5),
    'p99 ms': at(0.99),
    'max ms': at(1),
    ticks,
    transactions: sent,
    'CPU ms': Math.round((user + system) / 1_000),
  },
]);
