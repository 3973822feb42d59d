import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import hostOptions from '../fixtures/host/pglite.config.ts';
import { runCli, startCli } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('a database of PGlite in a folder', () => {
  let folder: string;
  let data: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-pglite-'));
    data = join(folder, 'data');
    env = { DATA: data, GO: join(folder, 'go'), TMPDIR: folder };
    const orm = await MikroORM.init({ ...hostOptions, dbName: data });
    await orm.migrator.up();
    await orm.close(true);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const config = ['--config', './pglite.config.ts'];

  it('is refused to a second command while a first has it open, and free again once that was killed', async () => {
    const going = startCli(['runcrons', 'Going', ...config, '--json'], env);
    let printed = '';
    going.child.stdout!.on('data', chunk => (printed += chunk));
    await until('the job runs', async () => printed.includes('jobStarted'));

    expect(await runCli(['runcrons', 'Quick', ...config], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        `mikro-orm-cron: Database '${data}': pid ${going.child.pid} has it open, and PGlite's folder serves one ` +
        'process at a time; wait for it, or use a database server\n',
    });
    going.child.kill('SIGKILL');
    await going.done;
    expect((await runCli(['runcrons', 'Quick', ...config], env)).stdout).toMatch(/^\[✔\] host\.quick in /);
  });
});
