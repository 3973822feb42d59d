import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { until } from '../../helpers/until.ts';

describe('runcrons', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
  });

  const rows = () =>
    database.sql<{ id: string; code: string; status: string; message: string; pid: number }>(
      'select id, code, status, message, pid from cron_job_log order by id',
    );
  const running = () =>
    until('a job is running', async () => (await rows()).find(({ status }) => status === 'running'));

  it('runs what is due, tells it in lines, and exits with 0 though a job failed', async () => {
    const { code, stdout, stderr } = await runCli(['runcrons'], env);
    expect(stdout).toMatch(/^\[✘\] host\.failing in \d+ m?s: Error: the disk is full$/m);
    expect(stdout).toMatch(/^\[✔\] host\.quick in \d+ m?s: .+$/m);
    expect(stdout).toMatch(/^2 jobs: 2 ran, 1 failed; took .+$/m);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect((await rows()).map(({ code: job, status }) => [job, status])).toEqual([
      ['host.failing', 'failed'],
      ['host.quick', 'succeeded'],
    ]);
  });

  it('tells of a job that is not due, with the reason', async () => {
    await runCli(['runcrons', 'Quick'], env);
    const { code, stdout } = await runCli(['runcrons', 'Quick'], env);
    expect(stdout).toMatch(/^\[ \] host\.quick: .+$/m);
    expect(code).toBe(0);
    expect(await rows()).toHaveLength(1);
  });

  it('takes jobs by class name and by code, and runs a forced one that is not due', async () => {
    await runCli(['runcrons', 'Quick'], env);
    const { stdout } = await runCli(['runcrons', 'host.quick', '--force'], env);
    expect(stdout).toMatch(/^\[✔\] host\.quick in .+: forced → done quickly$/m);
    expect(await rows()).toHaveLength(2);
  });

  it('ends though a job left a timer running, with all of its output told', async () => {
    const { code, stdout } = await runCli(['runcrons'], { ...env, CRON_JOBS: './lingering/*.ts' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 job: 1 ran; took .+$/m);
    expect((await rows())[0]).toMatchObject({ status: 'succeeded', message: 'left a timer behind' });
  });

  it('prints nothing under --silent, and exits with 2 under --strict when a job failed', async () => {
    expect(await runCli(['runcrons', '--silent', '--strict'], env)).toMatchObject({ code: 2, stdout: '', stderr: '' });
    expect(await rows()).toHaveLength(2);
  });

  it('shows in a dry run what would run, and writes nothing', async () => {
    const { code, stdout } = await runCli(['runcrons', '--dry-run'], env);
    expect(stdout).toMatch(/^\[✔\] host\.quick would run: .+$/m);
    expect(code).toBe(0);
    expect(await database.sql('select code from cron_job_log union all select code from cron_job_lock')).toEqual([]);
  });

  it('runs one due job once when two processes tick at once; the other says who holds it', async () => {
    const waiting = { ...env, CRON_JOBS: './waiting/*.ts' };
    const first = startCli(['runcrons'], waiting);
    const row = await running();
    const second = await runCli(['runcrons'], waiting);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(
      new RegExp(`^\\[ \\] host\\.waiting: locked by .+, pid ${row.pid}, since .+, until `, 'm'),
    );
    await database.sql('create table go ()');
    expect(await first.done).toMatchObject({ code: 0 });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'succeeded', message: 'was let go' })]);
  });

  it('never logs a killed job as a success; the next tick after the lease closes it and runs the job', async () => {
    const waiting = { ...env, CRON_JOBS: './waiting/*.ts' };
    const killed = startCli(['runcrons'], waiting);
    const row = await running();
    killed.child.kill('SIGKILL');
    expect(await killed.done).toMatchObject({ signal: 'SIGKILL' });
    expect((await rows()).map(({ status }) => status)).toEqual(['running']);

    await database.sql('create table go ()');
    const early = await runCli(['runcrons'], waiting);
    expect(early.stdout).toContain(`locked by`);
    expect((await rows()).map(({ status }) => status)).toEqual(['running']);

    await database.sql(`update cron_job_lock set locked_until = now() - interval '1 second'`);
    const late = await runCli(['runcrons'], waiting);
    expect(late.stdout).toMatch(new RegExp(`run ${row.id} abandoned \\(.+, pid ${row.pid}, started .+\\)`));
    expect((await rows()).map(({ status, message }) => [status, message.split(':')[0]])).toEqual([
      ['abandoned', 'Abandoned'],
      ['succeeded', 'was let go'],
    ]);
  });

  it('lets a running job finish on SIGTERM, starts no further one, and gives the lock back', async () => {
    const both = { ...env, CRON_JOBS: './waiting/*.ts,./crons/Quick.ts' };
    const terminated = startCli(['runcrons'], both);
    await running();
    terminated.child.kill('SIGTERM');
    await database.sql('create table go ()');
    const { code, stdout, stderr } = await terminated.done;
    expect(stderr).toMatch(/SIGTERM: no further job starts/);
    expect(stdout).toMatch(/^\[ \] host\.quick: the runner was stopped before the job started$/m);
    expect(code).toBe(1);
    expect((await rows()).map(({ code: job, status }) => [job, status])).toEqual([['host.waiting', 'succeeded']]);
    expect(await database.sql('select code from cron_job_lock where owner is not null')).toEqual([]);
  });

  it('aborts a running job after the grace on SIGINT, and logs it as failed', async () => {
    const settings = { CRON_JOBS: './waiting/*.ts', CRON_SETTINGS: '{"shutdownGraceSeconds":0.2}' };
    const interrupted = startCli(['runcrons'], { ...env, ...settings });
    await running();
    interrupted.child.kill('SIGINT');
    expect((await interrupted.done).code).toBe(1);
    expect(await rows()).toEqual([
      expect.objectContaining({ status: 'failed', message: expect.stringContaining('Shut down by SIGINT') }),
    ]);
    expect(await database.sql('select code from cron_job_lock where owner is not null')).toEqual([]);
  });

  it('ends at once on a second signal, and the row does not say success', async () => {
    const twice = startCli(['runcrons'], { ...env, CRON_JOBS: './waiting/*.ts', DEAF: '1' });
    await running();
    twice.child.kill('SIGINT');
    await new Promise(resolve => twice.child.stderr?.once('data', resolve));
    twice.child.kill('SIGINT');
    expect(await twice.done).toMatchObject({ signal: 'SIGINT' });
    expect((await rows()).map(({ status }) => status)).toEqual(['running']);
  });

  describe('with bad input exits with 1, says why in one line, and runs nothing', () => {
    const failing = async (args: string[], extra: NodeJS.ProcessEnv = {}, cwd?: string) => {
      const { code, stdout, stderr } = await runCli(args, { ...env, ...extra }, cwd);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      return stderr;
    };
    const oneJob = (code: string) => ({ CRON_JOBS: code });

    it('for an unknown job, listing the known ones', async () => {
      expect(await failing(['runcrons', 'Quick', 'NoSuchJob'])).toBe(
        "mikro-orm-cron: There is no job 'NoSuchJob'; known jobs: host.failing, host.quick\n",
      );
      expect(await rows()).toEqual([]);
    });

    it('for a module that throws on import, naming it and its cause', async () => {
      expect(await failing(['runcrons'], oneJob('./crons/*.ts,./broken/*.ts'))).toMatch(
        /Job file \.?\/?broken\/Broken\.ts cannot be imported: TypeError: this module cannot be loaded/,
      );
      expect(await rows()).toEqual([]);
    });

    it('for a glob that finds no job', async () => {
      expect(await failing(['runcrons'], oneJob('./odd/*.ts'))).toMatch(
        /'\.\/odd\/\*\.ts' finds no job .*1 files looked at/,
      );
    });

    it('for a setting that is not allowed', async () => {
      expect(await failing(['runcrons'], { CRON_SETTINGS: '{"timeZone":"Prague"}' })).toMatch(
        /cron\(\{ timeZone \}\): "Prague" is not allowed; it must be an IANA time zone such as 'Europe\/Prague'/,
      );
    });

    it('for a database that cannot be reached', async () => {
      const url = 'postgresql://postgres:secret@127.0.0.1:1/nowhere';
      const stderr = await failing(['runcrons'], { DATABASE_URL: url });
      expect(stderr).toMatch(/Database 'nowhere': .*ECONNREFUSED/);
      expect(stderr).not.toContain('secret');
    });

    it('for tables that are not migrated, saying which commands to run', async () => {
      await database.sql('drop table cron_job_log');
      expect(await failing(['runcrons'])).toMatch(
        /run `npx mikro-orm-cron cron:install` and then `npx mikro-orm migration:up`/,
      );
    });

    it('for a config without cron()', async () => {
      expect(await failing(['runcrons'], { WITHOUT_CRON: '1' })).toMatch(/the MikroORM config has no cron\(\); add it/);
    });

    it('for a directory without a config', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'no-host-'));
      try {
        expect(await failing(['runcrons'], {}, directory)).toMatch(/MikroORM config/);
      } finally {
        await rm(directory, { recursive: true });
      }
    });

    it('for an option that does not exist, a bad number, and a mistyped command', async () => {
      expect(await failing(['runcrons', '--sillent'])).toMatch(/sillent/);
      expect(await failing(['runcrons', '--concurrency', '0'])).toMatch(/--concurrency: '0' is not allowed/);
      expect(await failing(['runcron'])).toMatch(/Did you mean runcrons\?/);
    });
  });
});
