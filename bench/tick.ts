import { type EntityManager, MikroORM, type Options } from '@mikro-orm/postgresql';
import { readHistory } from '../src/history/readHistory.ts';
import { cron, cronEntities, type CronSettings, defineCronJob, getCronRunner, Schedule } from '../src/index.ts';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';
import { fillLog } from './fillLog.ts';
import { ms, time } from './measure.ts';

/**
 * Ticks in this process: what nothing due costs by number of jobs and of log rows, beside the history's SQL alone; what
 * a due job costs; and how much a retention at work slows a tick.
 */
const SIZES = (process.env['BENCH_ROWS'] ?? '100000,1000000,5000000').split(',').map(Number);
const JOBS = [10, 100, 1_000, 5_000];
const ROUNDS = 21;

await using server = await startPostgres();
const url = await createMigratedDatabase(server.url, 'bench');
const fillers = await openHost([]);
let statements = 0;

async function openHost(jobs: CronSettings['jobs'], settings: Partial<CronSettings> = {}, options: Options = {}) {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: cronEntities,
    extensions: [cron({ jobs, timeZone: 'UTC', ...settings })],
    logger: () => void statements++,
    ...options,
  });
  return { orm, runner: getCronRunner(orm), [Symbol.asyncDispose]: () => orm.close(true) };
}

/** Jobs of both kinds, none of them due against a log filled by the bench. */
function idleJobs(count: number) {
  return Array.from({ length: count }, (_, index) =>
    defineCronJob({
      code: `bench.job_${index + 1}`,
      schedule:
        index % 2 === 0
          ? new Schedule({ runEveryMins: 10_000_000, retryAfterFailureMins: 5 })
          : new Schedule({ runAtTimes: ['06:30', '18:00'], startingDeadlineMins: 1, timeZone: 'Pacific/Kiritimati' }),
      do: () => 'done',
    }),
  );
}

/** The history's statement as text, sent again and again with nothing made of its rows. */
async function rawHistory(em: EntityManager, codes: readonly string[]): Promise<() => Promise<unknown>> {
  let sent: [string, unknown[]] | undefined;
  const listening = Object.create(em, {
    execute: {
      value: async (statement: string, parameters: unknown[]) => {
        sent = [statement, parameters];
        return em.execute(statement, parameters);
      },
    },
  }) as EntityManager;
  await readHistory(
    listening,
    codes.map(code => ({ code })),
    { clock: undefined },
  );
  const [statement, parameters] = sent!;
  return () => em.execute(statement, parameters);
}

/** Statements of one tick, counted by an ORM of its own, since to listen costs time. */
async function countStatements(jobs: CronSettings['jobs'], concurrency = 1): Promise<number> {
  await using host = await openHost(jobs, { concurrency }, { debug: ['query'] });
  await host.runner.run();
  const before = statements;
  await host.runner.run();
  return statements - before;
}

const idle: object[] = [];
for (const rows of SIZES) {
  await fillLog(fillers.orm.em.fork(), rows, 5_000);
  for (const count of JOBS) {
    const jobs = idleJobs(count);
    await using host = await openHost(jobs);
    const floor = await rawHistory(
      host.orm.em.fork(),
      jobs.map(({ code }) => code),
    );
    await time(5, () => host.runner.run());
    const tick = await time(ROUNDS, () => host.runner.run());
    const raw = await time(ROUNDS, floor);
    idle.push({
      rows,
      jobs: count,
      statements: await countStatements(jobs),
      'tick ms': ms(tick.median),
      'SQL alone ms': ms(raw.median),
      ratio: ms(tick.median / raw.median),
      'µs per job': Math.round((tick.median / count) * 1_000),
    });
  }
}
console.log(`Nothing due, median of ${ROUNDS} ticks`);
console.table(idle);

const due: object[] = [];
for (const concurrency of [1, 8]) {
  const jobs = Array.from({ length: 200 }, (_, index) =>
    defineCronJob({ code: `due.job_${index}`, schedule: new Schedule({ runEveryMins: 0 }), do: () => 'done' }),
  );
  await using host = await openHost(jobs, { concurrency });
  await host.runner.run();
  const tick = await time(7, () => host.runner.run());
  due.push({
    jobs: 200,
    concurrency,
    'statements per job': ((await countStatements(jobs, concurrency)) - 1) / 200,
    'ms per job': ms(tick.median / 200),
  });
}
console.log('All due (statements with BEGIN and COMMIT)');
console.table(due);

const rows = SIZES.at(-1) ?? 0;
await fillLog(fillers.orm.em.fork(), rows, 5_000);
await using host = await openHost(idleJobs(200));
await host.runner.run();
const quiet = await time(ROUNDS, () => host.runner.run());
await using pruner = await openHost(idleJobs(5_000));
const startedAt = performance.now();
const stop = new AbortController();
// A year's rows were filled in evenly: a fifth of them is older than this.
const pruning = pruner.runner.prune(292, { stop: stop.signal });
const busy = await time(ROUNDS * 5, () => host.runner.run());
const deleted = await pruning;
console.log(`Retention of ${deleted.toLocaleString('en')} of ${rows.toLocaleString('en')} rows`);
console.table([
  {
    'took s': Math.round((performance.now() - startedAt) / 100) / 10,
    'µs per row': Math.round(((performance.now() - startedAt) * 1_000) / Math.max(deleted, 1)),
    'tick ms alone': ms(quiet.median),
    'tick ms meanwhile': ms(busy.median),
    ratio: ms(busy.median / quiet.median),
  },
]);
await fillers[Symbol.asyncDispose]();
