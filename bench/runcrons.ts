import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/postgresql';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';
import { fillLog } from './fillLog.ts';
import { ms, timeProcesses } from './measure.ts';

/**
 * A whole `runcrons` process with 200 jobs, none due, against 1,000,000 log rows, beside what any Node program that
 * imports MikroORM and opens a connection costs. Needs `npm run build`.
 */
const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
const JOBS = 200;
const ROUNDS = 15;

const cwd = fileURLToPath(new URL('./host', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

await using server = await startPostgres();
const url = await createMigratedDatabase(server.url, 'bench');
await using orm = await MikroORM.init({ clientUrl: url, entities: [], discovery: { warnWhenNoEntities: false } });
await fillLog(orm.em.fork(), ROWS, JOBS);

const connect =
  `const { MikroORM } = await import('@mikro-orm/postgresql'); const { cronEntities } = await import('mikro-orm-cron');` +
  `const orm = await MikroORM.init({ clientUrl: process.env.DATABASE_URL, entities: cronEntities });`;
const module = (source: string) => [
  '--input-type=module',
  '-e',
  `await import('node:module').then(m => m.enableCompileCache()); ${source}`,
];
const env = { DATABASE_URL: url, BENCH_JOBS: String(JOBS) };
const results = timeProcesses(ROUNDS, {
  'node starts': { args: ['-e', '0'], cwd, env },
  'node imports MikroORM': {
    args: module(`await import('@mikro-orm/postgresql'); await import('@mikro-orm/cli');`),
    cwd,
    env,
  },
  'node imports MikroORM, connects, selects 1': {
    args: module(`${connect} await orm.em.fork().execute('select 1'); await orm.close(true);`),
    cwd,
    env,
  },
  [`runcrons, ${JOBS} jobs, none due`]: { args: [cli, 'runcrons'], cwd, env },
  'runcrons without compile cache': { args: [cli, 'runcrons'], cwd, env: { ...env, NODE_DISABLE_COMPILE_CACHE: '1' } },
});

const whole = results[`runcrons, ${JOBS} jobs, none due`]?.median ?? NaN;
console.log(`${JOBS} jobs, ${ROWS.toLocaleString('en')} log rows, ${ROUNDS} rounds each, milliseconds`);
console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { median, min, max }]) => [
      name,
      { median: ms(median), min: ms(min), max: ms(max), 'of runcrons': `${Math.round((median / whole) * 100)} %` },
    ]),
  ),
);
