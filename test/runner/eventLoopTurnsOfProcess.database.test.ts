import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CronJobLog, cronEntities } from '../../src/index.ts';
import { runCli, startCli } from '../helpers/cli.ts';
import { createTestHost, type TestHost } from '../helpers/host.ts';
import { until } from '../helpers/until.ts';

describe('a process whose job awaits nothing but its SQLite database', () => {
  let folder: string;
  let app: TestHost;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'busy-'));
    const init = async (options: object) =>
      MikroORM.init({ dbName: join(folder, 'host.db'), entities: cronEntities, ...options });
    app = await createTestHost({ init }, { jobs: [] }, { debug: false });
    await app.orm.schema.create();
    await app.orm.em.execute('pragma journal_mode = wal');
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const env = (settings: object) => ({
    DRIVER: JSON.stringify({ driver: '@mikro-orm/sqlite', connection: { dbName: join(folder, 'host.db') } }),
    CRON_JOBS: './busy/*.ts',
    CRON_SETTINGS: JSON.stringify({ shutdownGraceSeconds: 0.2, ...settings }),
    BUSY: '15',
    STOP: join(folder, 'stop'),
  });
  const args = ['runcrons', '--config', 'drivers.config.ts'];
  const rows = async () => app.orm.em.fork().find(CronJobLog, {});
  const isRunning = async () => (await rows()).length > 0;

  it('times out', async () => {
    await runCli(args, env({ timeoutSeconds: 0.5 }));
    expect(await rows()).toMatchObject([{ status: 'timed_out' }]);
  });

  it('obeys SIGTERM', async () => {
    const busy = startCli(args, env({}));
    await until('the job runs', isRunning, 40);
    busy.child.kill('SIGTERM');
    expect(await busy.done).toMatchObject({ code: 1, stderr: expect.stringContaining('SIGTERM') });
    expect(await rows()).toMatchObject([
      { status: 'failed', message: expect.stringContaining('Shut down by SIGTERM') },
    ]);
  });

  it('renews its lock, so that no second process runs the job beside it', async () => {
    const busy = startCli(args, { ...env({ lockTimeSeconds: 3 }), BUSY: '100' });
    await until('the job runs', isRunning, 40);
    const leaseEnd = async () =>
      (
        await app.orm.em
          .fork()
          .execute<{ until: number }[]>('select locked_until as until from cron_job_lock where owner is not null')
      )[0]?.until ?? 0;
    const first = await leaseEnd();
    await until('the first lease has ended', async () => Date.now() > first + 500);
    const second = await runCli(args, { ...env({ lockTimeSeconds: 3 }), BUSY: '0' });
    expect(second.stdout).toMatch(/^\[ \] host\.busy: locked by /m);
    await writeFile(join(folder, 'stop'), '');
    await busy.done;
    expect(await rows()).toMatchObject([{ status: 'succeeded', message: 'was busy' }]);
  });
}, 120_000);
