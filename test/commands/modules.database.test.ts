import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { createTestDatabase } from '../helpers/database.ts';

const LIST = new URL('../fixtures/listModules.mjs', import.meta.url).href;
const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

it('a tick loads nothing that it does not need: crontab starts it every few minutes', async () => {
  await using database = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-modules-'));
  try {
    const modules = join(directory, 'modules');
    const env = {
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--import ${LIST}`,
      MODULES: modules,
      CRON_JOBS: './crons/Quick.ts',
    };
    expect(await runCli(['runcrons'], env)).toMatchObject({ code: 0 });
    const loaded = (await readFile(modules, 'utf8')).split('\n');
    const packages = new Set(loaded.flatMap(url => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
    expect([...packages]).toEqual(expect.arrayContaining(['@mikro-orm/core', 'yargs', 'croner']));
    for (const name of ['nodemailer', 'luxon', 'cronstrue', 'fs-native-extensions', 'ioredis']) {
      expect(packages).not.toContain(name);
    }
    const ours = loaded
      .filter(url => url.startsWith('file:'))
      .map(url => relative(REPOSITORY, fileURLToPath(url)))
      .filter(path => !path.startsWith('..') && !path.startsWith('node_modules'));
    expect(ours).toContain('src/commands/run/runCrons.ts');
    for (const folder of ['src/commands/check', 'src/commands/install', 'migrations', 'src/testing']) {
      await access(join(REPOSITORY, folder));
      // yargs knows each command by its definition; what it does is loaded when it is called.
      expect(ours.filter(path => path.startsWith(`${folder}/`) && !path.endsWith('Command.ts'))).toEqual([]);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
