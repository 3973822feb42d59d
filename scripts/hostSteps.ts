/** One command of a host, and what it must print. */
export interface HostStep {
  readonly run: string;
  readonly prints: RegExp;
  /** The exit code. @default 0 */
  readonly code?: number;
}

/** A config of a driver and a lock, which loads the jobs of `crons/`. */
export const hostConfig = (driver: 'pglite' | 'sqlite', lock: 'databaseLock' | 'fileLock' = 'databaseLock'): string =>
  `import { defineConfig } from '@mikro-orm/${driver}';
import { Migrator } from '@mikro-orm/migrations';
import { cron, cronEntities, ${lock} } from 'mikro-orm-cron';
export default defineConfig({
  dbName: './data',
  entities: cronEntities,
  extensions: [Migrator, cron({ jobs: ['./crons/*.js'], lock: ${lock}() })],
});
`;

export const hostJob = `import { CronJobBase, Schedule } from 'mikro-orm-cron';
export class Hello extends CronJobBase {
  code = 'host.hello';
  schedule = new Schedule({ runEveryMins: 5 });
  do() { return 'hello from the host'; }
}
`;

/** A job that runs in a process of its own, which no PGlite can take. */
export const isolatedJob = `import { CronJobBase, Schedule } from 'mikro-orm-cron';
export class Isolated extends CronJobBase {
  code = 'host.isolated';
  schedule = new Schedule({ runEveryMins: 5 });
  isolation = 'process';
  do() { return 'hello from a process of its own'; }
}
`;

/** What a newcomer does. */
export const firstSteps: readonly HostStep[] = [
  { run: 'mikro-orm-cron cron:install', prints: /written/ },
  { run: 'mikro-orm migration:up', prints: /Successfully migrated/ },
  { run: 'mikro-orm migration:create', prints: /No changes required/ },
  { run: 'mikro-orm-cron runcrons', prints: /\[✔\] host\.hello/ },
  { run: 'mikro-orm-cron runcrons', prints: /\[ \] host\.hello/ },
];

/** Every command there is, in an order in which each has something to show. */
export const allSteps: readonly HostStep[] = [
  { run: 'mikro-orm-cron --version', prints: /^\d+\.\d+\.\d+$/m },
  {
    run: 'mikro-orm-cron --help',
    prints: /^ {2}mikro-orm-cron cronloop \[jobs\.\.\] {5}Run the jobs .* in a loop,\n {39}until SIGTERM/m,
  },
  { run: 'mikro-orm-cron cron:log --help', prints: /^ {2}-h, --help +Show help +\[boolean\]$/m },
  { run: 'mikro-orm-cron completion', prints: /mikro-orm-cron --get-yargs-completions/ },
  { run: 'mikro-orm-cron --get-yargs-completions mikro-orm-cron cron:l', prints: /cron:list[^]*cron:log/ },
  { run: 'mikro-orm-cron cron:install', prints: /written/ },
  { run: 'mikro-orm-cron cron:install --print crontab', prints: /^\*\/5 \* \* \* \* /m },
  { run: 'mikro-orm migration:up', prints: /Successfully migrated/ },
  { run: 'mikro-orm-cron cron:check', prints: /✔ migration/ },
  { run: 'mikro-orm-cron runcrons --dry-run', prints: /host\.hello/ },
  { run: 'mikro-orm-cron runcrons', prints: /\[✔\] host\.hello[^]*\[✔\] host\.isolated.* → hello from a process/ },
  { run: 'mikro-orm-cron runcrons --force --config fileLock.config.js', prints: /\[✔\] host\.hello/ },
  { run: 'mikro-orm-cron cronloop --repeat 1', prints: /\[ \] host\.hello/ },
  { run: 'mikro-orm-cron cron:list', prints: /^host\.hello +every 5 minutes/m },
  { run: 'mikro-orm-cron cron:log', prints: /✔ succeeded +hello from the host/ },
  {
    run: 'mikro-orm-cron cron:pause Hello --for 2h --reason maintenance',
    prints: /^host\.hello: .*paused.*maintenance/m,
  },
  { run: 'mikro-orm-cron cron:resume Hello', prints: /^host\.hello: resumed$/m },
  { run: 'mikro-orm-cron cron:run Hello', prints: /^host\.hello: run requested/m },
  { run: 'mikro-orm-cron runcrons', prints: /\[✔\] host\.hello/ },
  { run: 'mikro-orm-cron cron:skip Hello', prints: /^host\.hello: the run of .* is skipped$/m },
  { run: 'mikro-orm-cron cron:cancel Hello', code: 1, prints: /host\.hello/ },
  { run: 'mikro-orm-cron cron:prune --older-than-days 30', prints: /^0 rows deleted$/m },
  { run: 'mikro-orm-cron cron:unlock Hello', prints: /^host\.hello: it is not locked$/m },
  { run: 'mikro-orm-cron cron:mail-test', code: 1, prints: /^mikro-orm-cron: cron\(\{ mail \}\): it is missing/m },
];
