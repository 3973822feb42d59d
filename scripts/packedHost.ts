import assert from 'node:assert/strict';
import { FreshHost } from './FreshHost.ts';
import { mikroOrm, packPackage } from './packPackage.ts';
import { weighInstallation } from './weighInstallation.ts';

/**
 * Does what a newcomer does with the published package: a fresh JavaScript host outside this repository, the packed
 * tarball installed into it, the migration installed and run, one tick, and the row read back.
 */
using host = new FreshHost('packed');
host.write('package.json', JSON.stringify({ name: 'host', private: true, type: 'module' }));
host.install(...mikroOrm('core', 'cli', 'migrations', 'pglite'));
weighInstallation(host, packPackage(host.folder));

host.write(
  'crons/Hello.js',
  `import { CronJobBase, Schedule } from 'mikro-orm-cron';
export class Hello extends CronJobBase {
  code = 'host.hello';
  schedule = new Schedule({ runEveryMins: 5 });
  do() { return 'hello from the host'; }
}
`,
);
host.write(
  'mikro-orm.config.js',
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
assert.match(host.run('npx', 'mikro-orm-cron', 'cron:install'), /written/);
host.run('npx', 'mikro-orm', 'migration:up');
assert.match(host.run('npx', 'mikro-orm', 'migration:create'), /No changes required/);
assert.match(host.run('npx', 'mikro-orm-cron', 'runcrons'), /\[✔\] host\.hello/);
assert.match(host.run('npx', 'mikro-orm-cron', 'runcrons'), /\[ \] host\.hello/);
console.log('The packed tarball works in a fresh host.');
