import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/core';
import config from '../mikro-orm.config.ts';
import { headlineOf } from '../src/history/headlineOf.ts';
import { CronJobLog } from '../src/index.ts';

/** What a host's developer types, in order, and then what stands in the log table. */
const steps = [
  [
    'npx mikro-orm migration:up',
    fileURLToPath(import.meta.resolve('@mikro-orm/cli')).replace(/index\.js$/, 'cli.js'),
    'migration:up',
  ],
  ['npx mikro-orm-cron runcrons', fileURLToPath(new URL('../src/cli.ts', import.meta.url)), 'runcrons'],
] as const;

for (const [shown, script, command] of steps) {
  console.log(`\n$ ${shown}`);
  const { status } = spawnSync(process.execPath, [script, command], { stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`${shown} ended with exit code ${status}`);
  }
}

console.log('\nThe rows of cron_job_log:');
await using orm = await MikroORM.init(config as never);
const rows = await orm.em.fork().find(CronJobLog, {}, { orderBy: { id: 'asc' } });
console.table(
  rows.map(({ id, code, startTime, duration, status, scheduledFor, message }) => ({
    id,
    code,
    startTime: startTime.toISOString(),
    ms: duration,
    status,
    scheduledFor: scheduledFor?.toISOString() ?? '',
    message: headlineOf({ status, message }),
  })),
);
console.log('Run it again to see what is due now; delete the folder .demo to start over.');
