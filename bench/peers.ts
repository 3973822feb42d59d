import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { cron, cronEntities, defineCronJob, getCronRunner, Schedule } from '../src/index.ts';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';
import { type Figures, figures, ms } from './measure.ts';

/**
 * 200 due jobs that do nothing, beside peers on the same PostgreSQL, in turns, so that a noisy machine disturbs all alike and
 * ratios stay true. Peers are installed into a temporary folder. `--quick` measures few rounds; `--json FILE` writes
 * the figures.
 *
 * Not like for like: ours locks, writes a row before each run and its outcome after it, and keeps it. graphile-worker
 * keeps no row of a run and deletes the job; pg-boss keeps the job's row, fetched one at a time by 8 lanes.
 */
const PEERS = { 'pg-boss': '12.38.0', 'graphile-worker': '0.16.6' };
const RUNS = 200;
const LANES = 8;
const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 7 : 31;
const jsonFile = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;

interface Boss {
  start(): Promise<unknown>;
  stop(options: object): Promise<unknown>;
  createQueue(name: string): Promise<unknown>;
  insert(queue: string, jobs: object[]): Promise<unknown>;
  fetch(queue: string): Promise<{ id: string }[]>;
  complete(queue: string, id: string): Promise<unknown>;
}

interface Graphile {
  run(options: object): Promise<{ stop(): Promise<unknown>; promise: Promise<unknown> }>;
  Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<unknown>;
    withPgClient<T>(work: (client: { query(sql: string, values: unknown[]): Promise<unknown> }) => T): Promise<T>;
    release(): Promise<unknown>;
  }>;
}

/** What is measured: makes 200 jobs due, and runs them. */
interface Contestant {
  readonly prepare: () => Promise<unknown>;
  readonly run: () => Promise<unknown>;
}

const folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-peers-'));
await using cleanup = new AsyncDisposableStack();
cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const load = async (name: string): Promise<unknown> =>
  import(createRequire(join(folder, 'package.json')).resolve(name));

const server = cleanup.use(await startPostgres());
const url = await createMigratedDatabase(server.url, 'peers');

const jobs = Array.from({ length: RUNS }, (_, index) =>
  defineCronJob({ code: `due.job_${index}`, schedule: new Schedule({ runEveryMins: 0 }), do: () => 'done' }),
);
const orm = cleanup.use(
  await MikroORM.init({
    clientUrl: url,
    entities: cronEntities,
    extensions: [cron({ jobs, concurrency: LANES, timeZone: 'UTC' })],
  }),
);
const em = orm.em.fork();

const { PgBoss } = (await load('pg-boss')) as { PgBoss: new (url: string) => Boss };
const boss = new PgBoss(url);
await boss.start();
cleanup.defer(async () => void (await boss.stop({ graceful: false })));
await boss.createQueue('due');

const graphile = (await load('graphile-worker')) as Graphile;
const utils = await graphile.makeWorkerUtils({ connectionString: url });
cleanup.defer(async () => void (await utils.release()));
await utils.migrate();
let left = 0;
let finish: () => void = () => undefined;
let commit: () => void = () => undefined;
let committed: Promise<unknown> | undefined;
const worker = await graphile.run({
  connectionString: url,
  concurrency: LANES,
  maxPoolSize: LANES + 2,
  noHandleSignals: true,
  logger: new graphile.Logger(() => () => undefined),
  taskList: { due: () => void (--left === 0 && finish()) },
});
cleanup.defer(async () => void (await worker.stop()));

const contestants: Record<string, Contestant> = {
  'mikro-orm-cron': { prepare: async () => undefined, run: async () => getCronRunner(orm).run() },
  'pg-boss': {
    prepare: async () =>
      boss.insert(
        'due',
        Array.from({ length: RUNS }, () => ({ data: {} })),
      ),
    run: async () => {
      const lane = async () => {
        for (let fetched = await boss.fetch('due'); fetched[0]; fetched = await boss.fetch('due')) {
          await boss.complete('due', fetched[0].id);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    },
  },
  'graphile-worker': {
    // The jobs of a transaction that is not committed yet: its COMMIT wakes the worker.
    prepare: async () => {
      const inserted = Promise.withResolvers<void>();
      left = RUNS;
      const go = new Promise<void>(resolve => (commit = resolve));
      committed = utils.withPgClient(async client => {
        await client.query('begin', []);
        await client.query(`select graphile_worker.add_job('due') from generate_series(1, $1)`, [RUNS]);
        inserted.resolve();
        await go;
        await client.query('commit', []);
      });
      await inserted.promise;
    },
    run: async () => {
      const done = new Promise<void>(resolve => (finish = resolve));
      commit();
      await Promise.all([committed, done]);
    },
  },
};

interface Measured {
  readonly millis: number[];
  readonly cpu: number[];
}
const measured = new Map<string, Measured>(Object.keys(contestants).map(name => [name, { millis: [], cpu: [] }]));
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, { prepare, run }] of Object.entries(contestants)) {
    await prepare();
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    await run();
    const { user, system } = process.cpuUsage(cpu);
    // The first rounds warm up.
    if (round >= 0) {
      measured.get(name)?.millis.push((performance.now() - startedAt) / RUNS);
      measured.get(name)?.cpu.push((user + system) / 1_000 / RUNS);
    }
  }
}

const ours = figures(measured.get('mikro-orm-cron')?.millis ?? []);
const rows = [...measured].map(([name, { millis, cpu }]) => {
  const run: Figures = figures(millis);
  return {
    name,
    'ms a run': ms(run.median),
    spread: `${ms(run.min)} to ${ms(run.max)}`,
    'CPU ms a run': ms(figures(cpu).median),
    'ours to it': ms(ours.median / run.median),
  };
});
const [postgres] = await em.execute<{ version: string }[]>('select version()');
console.log(`${RUNS} due jobs that do nothing, ${LANES} at once, median of ${ROUNDS} rounds in turns`);
console.table(rows);
if (jsonFile) {
  const about = { runs: RUNS, lanes: LANES, rounds: ROUNDS, peers: PEERS, postgres: postgres?.version };
  await writeFile(jsonFile, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
}
