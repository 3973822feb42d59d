import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSession } from '../../../src/commands/check/checkSession.ts';
import { type CronSettings, defineCronJob, Schedule } from '../../../src/index.ts';
import { createTestHost } from '../../helpers/host.ts';

describe('cron:check of a session on SQLite', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-session-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const check = async (journalMode: string, settings: Partial<CronSettings> = {}, timeout?: number) => {
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const dbName = join(directory, 'app.sqlite');
    const driverOptions = timeout === undefined ? {} : { timeout };
    const init = (options: object) => MikroORM.init({ dbName, driverOptions, ...options } as never);
    await using host = await createTestHost({ init }, { jobs: [job], ...settings });
    await host.orm.em.fork().execute(`pragma journal_mode = ${journalMode}`);
    const { orm, runner } = host;
    const context = { orm, runner, jobs: await runner.jobs(), database: null };
    return (await checkSession(context)).map(({ status, text, remedy }) => [status, text, remedy]);
  };

  it('warns of a file that is not in WAL mode', async () => {
    expect(await check('delete')).toEqual([
      [
        'warning',
        "the journal mode of the SQLite file is 'delete': readers and writers wait for one another",
        'run `pragma journal_mode = wal` once on it',
      ],
    ]);
    expect(await check('wal')).toEqual([['ok', 'its settings suit locks and log', undefined]]);
  });

  it.each([
    [14, undefined, 'a lease near the default busy time-out'],
    [89, 30_000, 'a lease near a longer one'],
  ])('warns of a lease of %d s with a time-out of %s ms: %s', async (lockTimeSeconds, timeout, _) => {
    const [[status, text, remedy] = []] = await check('wal', { lockTimeSeconds }, timeout);
    const busySeconds = (timeout ?? 5_000) / 1_000;
    expect(status).toBe('warning');
    expect(text).toMatch(`the lease of a is near the busy time-out of SQLite (${busySeconds} s)`);
    expect(remedy).toBe(`set lockTimeSeconds to at least ${3 * busySeconds}, or driverOptions.timeout to less`);
    expect(await check('wal', { lockTimeSeconds: lockTimeSeconds + 1 }, timeout)).toEqual([
      ['ok', 'its settings suit locks and log', undefined],
    ]);
  });
});
