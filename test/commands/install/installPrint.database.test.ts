import { exec } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploymentForms } from '../../../src/commands/install/deploymentForms.ts';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

describe('cron:install --print', () => {
  let database: TestDatabase;
  let directory: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    database = await createTestDatabase();
    directory = join(await realpath(await mkdtemp(join(tmpdir(), 'host-'))), "one of o'hosts");
    await mkdir(join(directory, 'migrations'), { recursive: true });
    await symlink(join(repository, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{"type":"module","dependencies":{"@mikro-orm/cli":"7"}}');
    await writeFile(
      join(directory, 'mikro-orm.config.js'),
      `import { Migrator } from '@mikro-orm/migrations';
       import { defineConfig } from '@mikro-orm/postgresql';
       import { cron, cronEntities, defineCronJob, Schedule } from '${repository}src/index.ts';
       const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'ran' });
       export default defineConfig({
         clientUrl: process.env.DATABASE_URL,
         entities: cronEntities,
         extensions: [Migrator, cron({ jobs: [job], shutdownGraceSeconds: 20 })],
       });`,
    );
    env = { DATABASE_URL: database.url, MIKRO_ORM_CLI_PREFER_TS: '0' };
  });
  afterEach(async () => {
    await rm(join(directory, '..'), { recursive: true });
    await database[Symbol.asyncDispose]();
  });

  const install = (...args: string[]) => runCli(['cron:install', ...args], env, directory);

  it('writes the re-export once, and says what comes next', async () => {
    const first = await install();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^CreateCronTablesPostgreSql: migrations\/\S+ written\nAddCronFencesPostgreSql: migrations\/\S+ written\nAddCronStatePostgreSql: migrations\/\S+ written\nNext: npx mikro-orm migration:up\n/,
    );
    expect((await install()).stdout).toMatch(
      /^CreateCronTablesPostgreSql: migrations\/\S+ already exists\nAddCronFencesPostgreSql: migrations\/\S+ already exists\nAddCronStatePostgreSql: migrations\/\S+ already exists\n/,
    );
    expect(JSON.parse((await install('--json')).stdout)).toEqual([
      { migration: 'CreateCronTablesPostgreSql', file: expect.stringMatching(/^migrations\//), wasThere: true },
      { migration: 'AddCronFencesPostgreSql', file: expect.stringMatching(/^migrations\//), wasThere: true },
      { migration: 'AddCronStatePostgreSql', file: expect.stringMatching(/^migrations\//), wasThere: true },
    ]);
    expect((await readdir(join(directory, 'migrations'))).toSorted()).toEqual([
      // In the order in which they run.
      expect.stringMatching(/_CreateCronTablesPostgreSql\.\w+$/),
      expect.stringMatching(/_AddCronFencesPostgreSql\.\w+$/),
      expect.stringMatching(/_AddCronStatePostgreSql\.\w+$/),
    ]);
  });

  it('prints a line for crontab that works as it stands, in an empty environment, and writes nothing', async () => {
    await writeFile(join(directory, '.env'), `DATABASE_URL=${database.url}\nMIKRO_ORM_CLI_PREFER_TS=0\n`);
    const { code, stdout, stderr } = await install('--print', 'crontab');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const line = /^\*\/5 \* \* \* \* (.+)$/m.exec(stdout)![1]!;
    const path = /^PATH=(.+)$/m.exec(stdout)![1]!;
    // What cron does with a line: an escaped percent sign is one, a bare one ends the command.
    const command = line.replaceAll('\\%', '%').replace('--silent', '');
    const tick = await promisify(exec)(command, { cwd: '/', env: { PATH: path }, shell: '/bin/sh' });
    expect(tick.stdout).toMatch(/^\[✔\] a in /);
    expect(await database.sql('select code, status from cron_job_log')).toEqual([{ code: 'a', status: 'succeeded' }]);
    expect(await readdir(join(directory, 'migrations'))).toEqual([]);
  });

  it('prints all forms, also as JSON, and says when the host has no .env file', async () => {
    const { stdout } = await install('--print');
    expect(stdout).toMatch(/^# crontab -e\n# There is no \.env file/);
    expect(stdout).toContain('[Timer]\nOnCalendar=*:0/5');
    expect(stdout).toContain('kind: CronJob');
    expect(stdout).toContain('stop_grace_period: 50s');
    const forms = JSON.parse((await install('--print', '--json')).stdout);
    expect(Object.keys(forms)).toEqual(['crontab', 'systemd', 'kubernetes', 'docker']);
    expect(await install('--print', 'windows')).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        "mikro-orm-cron: --print: 'windows' is not allowed; it must be one of crontab, systemd, kubernetes, docker\n",
    });
  });

  it.each(Object.entries(deploymentForms))('prints %s', (_, form) => {
    const host: Deployment = {
      node: '/usr/bin/node',
      program: '/srv/app/node_modules/mikro-orm-cron/dist/cli.js',
      directory: '/srv/app',
      envFile: '/srv/app/.env',
      options: ['--config', '/srv/app/dist/mikro-orm.config.js'],
      user: 'app',
      graceSeconds: 30,
    };
    expect(form(host)).toMatchSnapshot();
  });

  it('escapes what crontab and systemd would take for their own', () => {
    const host: Deployment = {
      node: '/usr/bin/node',
      program: '/srv/my "app" 100%/$cli.js',
      directory: '/srv/100%',
      envFile: undefined,
      options: [],
      user: 'app',
      graceSeconds: 30,
    };
    expect(deploymentForms.crontab(host)).toContain(
      `* * cd '/srv/100\\%' && /usr/bin/node '/srv/my "app" 100\\%/$cli.js' runcrons --silent\n`,
    );
    const text = deploymentForms.systemd(host);
    expect(text).toContain('WorkingDirectory=/srv/100%%\n');
    expect(text).toContain('ExecStart=/usr/bin/node "/srv/my \\"app\\" 100%%/$$cli.js" runcrons --silent\n');
  });
});
