import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Does what a newcomer does with the published package: a fresh JavaScript host outside this repository, the packed
 * tarball installed into it, the migration installed and run, one tick, and the row read back.
 */
const repository = join(import.meta.dirname, '..');
const host = mkdtempSync(join(tmpdir(), 'mikro-orm-cron-host-'));
const options: ExecFileSyncOptionsWithStringEncoding = {
  cwd: host,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
};

function run(command: string, ...args: string[]): string {
  console.log(`$ ${command} ${args.join(' ')}`);
  const output = execFileSync(command, args, options);
  process.stdout.write(output);
  return output;
}

try {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', host], { cwd: repository, encoding: 'utf8' }),
  ) as [{ filename: string }];
  const { devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const version = devDependencies['@mikro-orm/core'];
  const packages = ['core', 'sql', 'cli', 'migrations', 'pglite'].map(name => `@mikro-orm/${name}@${version}`);
  writeFileSync(join(host, 'package.json'), JSON.stringify({ name: 'host', private: true, type: 'module' }));
  run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', join(host, packed.filename), ...packages);

  mkdirSync(join(host, 'crons'));
  writeFileSync(
    join(host, 'crons', 'Hello.js'),
    `import { CronJobBase, Schedule } from 'mikro-orm-cron';
export class Hello extends CronJobBase {
  code = 'host.hello';
  schedule = new Schedule({ runEveryMins: 5 });
  do() { return 'hello from the host'; }
}
`,
  );
  writeFileSync(
    join(host, 'mikro-orm.config.js'),
    `import { defineConfig } from '@mikro-orm/pglite';
import { Migrator } from '@mikro-orm/migrations';
import { cron, cronEntities } from 'mikro-orm-cron';
export default defineConfig({
  dbName: './data',
  entities: cronEntities,
  extensions: [Migrator, cron({ jobs: ['./crons/*.js'] })],
});
`,
  );
  assert.match(run('npx', 'mikro-orm-cron', 'cron:install'), /written/);
  run('npx', 'mikro-orm', 'migration:up');
  assert.match(run('npx', 'mikro-orm', 'migration:create'), /No changes required/);
  assert.match(run('npx', 'mikro-orm-cron', 'runcrons'), /\[✔\] host\.hello/);
  assert.match(run('npx', 'mikro-orm-cron', 'runcrons'), /\[ \] host\.hello/);
  console.log('The packed tarball works in a fresh host.');
} finally {
  rmSync(host, { recursive: true, force: true });
}
