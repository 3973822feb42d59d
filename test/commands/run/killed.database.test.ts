import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';

const KILLING = fileURLToPath(new URL('../../fixtures/killing', import.meta.url));

describe('a process killed by kill -9', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const tick = (killAt?: string) => runCli(['runcrons'], { DATABASE_URL: database.url, KILL_AT: killAt }, KILLING);
  const statuses = async () =>
    (await database.sql<{ status: string }>('select status from cron_job_log order by id')).map(({ status }) => status);
  const endLease = () => database.sql(`update cron_job_lock set locked_until = now() - interval '1 second'`);

  it('before the lock leaves nothing: the next tick runs the job', async () => {
    expect(await tick('before the lock')).toMatchObject({ signal: 'SIGKILL' });
    expect(await statuses()).toEqual([]);
    expect((await tick()).stdout).toMatch(/^\[✔\] interrupted/m);
    expect(await statuses()).toEqual(['succeeded']);
  });

  it('after the lock leaves a lease: the next tick says whose, and once it has ended the job runs', async () => {
    expect(await tick('after the lock')).toMatchObject({ signal: 'SIGKILL' });
    expect((await tick()).stdout).toMatch(/^\[ \] interrupted: locked by /m);
    await endLease();
    expect((await tick()).stdout).toMatch(/^\[✔\] interrupted/m);
    expect(await statuses()).toEqual(['succeeded']);
  });

  it.each(['after the row', 'during do', 'before the outcome'])(
    '%s never reads as a success: the next holder closes the row and runs the job',
    async step => {
      expect(await tick(step)).toMatchObject({ signal: 'SIGKILL' });
      expect(await statuses()).toEqual(['running']);
      expect((await tick()).stdout).toMatch(/^\[ \] interrupted: locked by /m);
      expect(await statuses()).toEqual(['running']);
      await endLease();
      const { stdout } = await tick();
      expect(stdout).toMatch(/^\[✘\] interrupted: run \d+ abandoned/m);
      expect(stdout).toMatch(/^\[✔\] interrupted/m);
      expect(await statuses()).toEqual(['abandoned', 'succeeded']);
    },
  );

  it('before release has run: the job is not run again, and its lock ends by itself', async () => {
    expect(await tick('before release')).toMatchObject({ signal: 'SIGKILL' });
    expect(await statuses()).toEqual(['succeeded']);
    expect((await tick()).stdout).toMatch(/^\[ \] interrupted: next run /m);
    await endLease();
    expect((await runCli(['runcrons', '--force'], { DATABASE_URL: database.url }, KILLING)).stdout).toMatch(
      /^\[✔\] interrupted .*forced/m,
    );
    expect(await statuses()).toEqual(['succeeded', 'succeeded']);
  });
});
