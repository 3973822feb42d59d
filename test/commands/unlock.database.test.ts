import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { startInTerminal } from '../helpers/terminal.ts';

const WHOSE = /web-2, pid 42, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \(1 minute ago\)/;

describe('cron:unlock', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_lock');
    await database.sql(
      `insert into cron_job_lock (code, owner, host, pid, locked_at, locked_until)
       values ('host.quick', 'token', 'web-2', 42, now() - interval '1 minute', now() + interval '4 minutes')`,
    );
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const isLocked = async () =>
    (await database.sql('select code from cron_job_lock where owner is not null')).length === 1;
  const refused = async (args: string[], extra: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, stderr } = await runCli(['cron:unlock', ...args], { ...env, ...extra });
    expect({ code, stdout, isLocked: await isLocked() }).toEqual({ code: 1, stdout: '', isLocked: true });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  it('frees the lock with --yes and says whose it was', async () => {
    const { code, stdout, stderr } = await runCli(['cron:unlock', 'Quick', '--yes'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^host\\.quick: freed; it was locked by ${WHOSE.source}\\n$`));
    expect(await isLocked()).toBe(false);
    expect(await runCli(['cron:unlock', 'Quick'], env)).toMatchObject({
      code: 0,
      stdout: 'host.quick: it is not locked\n',
    });
  });

  it('prints JSON', async () => {
    const instant = expect.stringMatching(/Z$/);
    expect(JSON.parse((await runCli(['cron:unlock', 'Quick', '--yes', '--json'], env)).stdout)).toEqual({
      code: 'host.quick',
      holder: { host: 'web-2', pid: 42, since: instant, until: instant },
    });
    expect(JSON.parse((await runCli(['cron:unlock', 'Quick', '--json'], env)).stdout)).toEqual({
      code: 'host.quick',
      holder: null,
    });
  });

  it('needs --yes where nobody can be asked', async () => {
    expect(await refused(['Quick'])).toMatch(/host\.quick is locked by web-2, pid 42.+add --yes to free it/);
  });

  it.each([
    ['y\r', true],
    ['YES\r', true],
    ['n\r', false],
    ['\r', false],
    ['\x03', false],
    ['\x04', false],
  ])('asks on a terminal, and takes %j for %s', async (keys, isFreed) => {
    const terminal = startInTerminal(['cron:unlock', 'Quick'], env);
    await terminal.shows('Free it? [y/N]');
    expect(await isLocked()).toBe(true);
    terminal.type(keys);
    const { code, text } = await terminal.done;
    expect(text).toMatch(WHOSE);
    expect({ code, isLocked: await isLocked() }).toEqual({ code: isFreed ? 0 : 1, isLocked: !isFreed });
    expect(text).toContain(isFreed ? 'host.quick: freed' : 'nothing was changed');
  });

  it('leaves the lock alone when somebody else has taken it before the answer came', async () => {
    const terminal = startInTerminal(['cron:unlock', 'Quick'], env);
    await terminal.shows('Free it? [y/N]');
    await database.sql('update cron_job_lock set pid = 43');
    terminal.type('y\r');
    const { code, text } = await terminal.done;
    expect(text).toMatch(/host\.quick is now locked by web-2, pid 43.*; nothing was changed/);
    expect({ code, isLocked: await isLocked() }).toEqual({ code: 1, isLocked: true });
  });

  it('refuses an unknown job, several jobs, and a lock that cannot be freed by force', async () => {
    expect(await refused(['Nobody', '--yes'])).toMatch(/There is no job 'Nobody'/);
    expect(await refused(['host.*', '--yes'])).toMatch(/'host\.\*' matches several jobs; name one/);
    expect(await refused(['Quick', '--yes', '--config', './stubborn.config.ts'])).toMatch(
      /Lock of host\.quick: StubbornLock cannot be freed by force/,
    );
  });
});
