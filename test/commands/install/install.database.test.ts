import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { type InstalledHost, type InstalledPackage, installPackage } from '../../helpers/installedPackage.ts';

const HELLO = `defineCronJob({ code: 'hello', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'hello' })`;
const config = (driver: string, options: string) => `{
  ${driver},
  entities: cronEntities,
  extensions: [Migrator, cron({ jobs: [${HELLO}] })],
  ${options}
}`;
const esm = (driverPackage: string, driver: string, options = '') => `
import { defineConfig } from '@mikro-orm/${driverPackage}';
import { Migrator } from '@mikro-orm/migrations';
import { cron, cronEntities, defineCronJob, Schedule } from 'mikro-orm-cron';
export default defineConfig(${config(driver, options)});
`;
const commonJs = (options = '') => `
const { defineConfig } = require('@mikro-orm/sqlite');
const { Migrator } = require('@mikro-orm/migrations');
const { cron, cronEntities, defineCronJob, Schedule } = require('mikro-orm-cron');
module.exports = defineConfig(${config(`dbName: './host.db'`, options)});
`;

describe('cron:install', () => {
  let installed: InstalledPackage;
  let database: TestDatabase;

  beforeAll(async () => {
    installed = await installPackage();
    database = await createTestDatabase('template0');
  });
  afterAll(async () => {
    await installed?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  /** Installs twice, migrates, runs a job, and sees that MikroORM then finds nothing to change. */
  const expectInstalled = async (
    host: InstalledHost,
    folder: string,
    fileOf: (migration: string) => RegExp,
    textOf: (migration: string) => string,
  ) => {
    const first = await host.run('mikro-orm-cron', ['cron:install']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^CreateCronTables\w+: .+ written\nAddCronFences\w+: .+ written\nAddCronState\w+: .+ written\nNext: npx mikro-orm migration:up\nThen: .+\n$/,
    );
    const second = await host.run('mikro-orm-cron', ['cron:install']);
    expect(second.stdout).toMatch(
      /^CreateCronTables\w+: .+ already exists\nAddCronFences\w+: .+ already exists\nAddCronState\w+: .+ already exists\n/,
    );
    const files = (await readdir(join(host.directory, folder))).filter(name => !name.startsWith('.'));
    // In the order in which they run.
    const kind = folder === 'src/migrations' ? 'PostgreSql' : 'Sqlite';
    const migrations = [`CreateCronTables${kind}`, `AddCronFences${kind}`, `AddCronState${kind}`];
    expect(files.toSorted()).toEqual(migrations.map(name => expect.stringMatching(fileOf(name))));
    for (const [at, name] of migrations.entries()) {
      expect(await readFile(join(host.directory, folder, files.toSorted()[at]!), 'utf8')).toBe(textOf(name));
    }

    expect(await host.run('mikro-orm', ['migration:up'])).toMatchObject({ code: 0, stderr: '' });
    const created = await host.run('mikro-orm', ['migration:create']);
    expect(created.stdout).toMatch(/No changes required/);
    const ran = await host.run('mikro-orm-cron', ['runcrons']);
    expect(ran.stdout).toMatch(/^\[✔\] hello in /m);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect((await host.run('mikro-orm', ['migration:create'])).stdout).toMatch(/No changes required/);
    expect(await host.run('mikro-orm', ['migration:down', '--to', '0'])).toMatchObject({ code: 0 });
    const gone = await host.run('mikro-orm-cron', ['runcrons']);
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/tables of mikro-orm-cron are missing; run/) });
  };

  it('serves a TypeScript host, in the folder of its sources', async () => {
    const migrations = `migrations: { path: './dist/migrations', pathTs: './src/migrations' },`;
    const host = await installed.createHost('typescript', 'module', {
      'mikro-orm.config.ts': esm('postgresql', `clientUrl: '${database.url}'`, migrations),
      'tsconfig.json': '{ "compilerOptions": { "module": "NodeNext", "target": "ES2024" } }',
    });
    await expectInstalled(
      host,
      'src/migrations',
      name => new RegExp(String.raw`^Migration\d{14}_${name}\.ts$`),
      name => `export { ${name} } from 'mikro-orm-cron/migrations';\n`,
    );
  });

  it('serves a JavaScript host of ES modules', async () => {
    const host = await installed.createHost('esm', 'module', {
      'mikro-orm.config.js': esm('sqlite', `dbName: './host.db'`),
    });
    await expectInstalled(
      host,
      'migrations',
      name => new RegExp(String.raw`^Migration\d{14}_${name}\.js$`),
      name => `export { ${name} } from 'mikro-orm-cron/migrations';\n`,
    );
  });

  it('serves a CommonJS host, without a snapshot', async () => {
    const host = await installed.createHost('commonjs', 'commonjs', {
      'mikro-orm.config.js': commonJs(`migrations: { snapshot: false, path: './db/migrations' },`),
    });
    await expectInstalled(
      host,
      'db/migrations',
      name => new RegExp(String.raw`^Migration\d{14}_${name}\.c?js$`),
      name => `exports.${name} = require('mikro-orm-cron/migrations').${name};\n`,
    );
  });

  it('takes the file names that the host has chosen', async () => {
    const fileName = `migrations: { emit: 'js', fileName: (time, name) => 'V' + time + '__' + name },`;
    const host = await installed.createHost('named', 'module', {
      'mikro-orm.config.js': esm('sqlite', `dbName: './host.db'`, fileName),
    });
    expect(await host.run('mikro-orm-cron', ['cron:install'])).toMatchObject({ code: 0 });
    expect((await readdir(join(host.directory, 'migrations'))).toSorted()).toEqual([
      expect.stringMatching(/^V\d{14}__CreateCronTablesSqlite\.js$/),
      expect.stringMatching(/^V\d{14}__AddCronFencesSqlite\.js$/),
      expect.stringMatching(/^V\d{14}__AddCronStateSqlite\.js$/),
    ]);
  });

  it('leaves alone a re-export that the host has written itself, under whatever name', async () => {
    const host = await installed.createHost('own', 'module', {
      'mikro-orm.config.js': esm('sqlite', `dbName: './host.db'`),
      'migrations/Migration20200101000000_jobs.js': `export { CreateCronTablesSqlite as Jobs } from "mikro-orm-cron/migrations";\n`,
    });
    const { stdout } = await host.run('mikro-orm-cron', ['cron:install']);
    expect(stdout).toMatch(/Migration20200101000000_jobs\.js already exists/);
    expect((await readdir(join(host.directory, 'migrations'))).toSorted()).toEqual([
      'Migration20200101000000_jobs.js',
      expect.stringMatching(/_AddCronFencesSqlite\.js$/),
      expect.stringMatching(/_AddCronStateSqlite\.js$/),
    ]);
    expect(await host.run('mikro-orm', ['migration:up'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses a host that lists its migrations in code, saying what to add', async () => {
    const host = await installed.createHost('list', 'module', {
      'mikro-orm.config.js': esm('sqlite', `dbName: './host.db'`, 'migrations: { migrationsList: [] },'),
    });
    expect(await host.run('mikro-orm-cron', ['cron:install'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'mikro-orm-cron: cron:install: this host lists its migrations in migrations.migrationsList, so there is no folder' +
        " for a file; add CreateCronTablesSqlite, AddCronFencesSqlite, AddCronStateSqlite from 'mikro-orm-cron/migrations' to the list\n",
    });
    const listed = esm(
      'sqlite',
      `dbName: './host.db'`,
      'migrations: { migrationsList: [CreateCronTablesSqlite, AddCronFencesSqlite, AddCronStateSqlite], snapshot: false },',
    );
    const importing = `import { AddCronFencesSqlite, AddCronStateSqlite, CreateCronTablesSqlite } from 'mikro-orm-cron/migrations';\n${listed}`;
    await writeFile(join(host.directory, 'mikro-orm.config.js'), importing);
    expect(await host.run('mikro-orm', ['migration:up'])).toMatchObject({ code: 0, stderr: '' });
    expect((await host.run('mikro-orm', ['migration:create'])).stdout).toMatch(/No changes required/);
    expect((await host.run('mikro-orm-cron', ['runcrons'])).stdout).toMatch(/^\[✔\] hello in /m);
  });
});
