import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../../helpers/redis.ts';

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

  const tick = (killAt?: string, env: NodeJS.ProcessEnv = {}, ...args: string[]) =>
    runCli(['runcrons', ...args], { DATABASE_URL: database.url, KILL_AT: killAt, ...env }, KILLING);
  const statuses = async () =>
    (await database.sql<{ status: string }>('select status from cron_job_log order by id')).map(({ status }) => status);
  const endLease = () => database.sql(`update cron_job_lock set locked_until = now() - interval '1 second'`);

  it('before the claim leaves nothing: the next tick runs the job', async () => {
    expect(await tick('before the claim')).toMatchObject({ signal: 'SIGKILL' });
    expect(await statuses()).toEqual([]);
    expect((await tick()).stdout).toMatch(/^\[✔\] interrupted/m);
    expect(await statuses()).toEqual(['succeeded']);
  });

  it.each(['after the claim', 'after the row', 'during do', 'before the outcome', 'before the close'])(
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

  it('after the close has run: the job is not run again, and its lock is free', async () => {
    expect(await tick('after the close')).toMatchObject({ signal: 'SIGKILL' });
    expect(await statuses()).toEqual(['succeeded']);
    expect((await tick()).stdout).toMatch(/^\[ \] interrupted: next run /m);
    expect((await tick(undefined, {}, '--force')).stdout).toMatch(/^\[✔\] interrupted .*forced/m);
    expect(await statuses()).toEqual(['succeeded', 'succeeded']);
  });

  describe.skipIf(whyNoRedis() !== undefined)(whyNoRedis() ?? 'with its lock in Redis', () => {
    let redis: RedisServer;
    let client: Redis;

    beforeAll(async () => {
      redis = await startRedis();
      client = new Redis(redis.url);
    });
    beforeEach(async () => {
      await client.flushall();
    });
    afterAll(async () => {
      client?.disconnect();
      await redis?.[Symbol.asyncDispose]();
    });

    const locked = (killAt?: string, ...args: string[]) => tick(killAt, { REDIS_URL: redis.url }, ...args);
    const endKey = async () => expect(await client.del('mikro-orm-cron:interrupted')).toBe(1);

    it('before the lock leaves nothing: the next tick runs the job', async () => {
      expect(await locked('before the lock')).toMatchObject({ signal: 'SIGKILL' });
      expect(await statuses()).toEqual([]);
      expect((await locked()).stdout).toMatch(/^\[✔\] interrupted/m);
      expect(await statuses()).toEqual(['succeeded']);
    });

    it('after the lock leaves a lease: the next tick says whose, and once it has ended the job runs', async () => {
      expect(await locked('after the lock')).toMatchObject({ signal: 'SIGKILL' });
      expect(await statuses()).toEqual([]);
      expect((await locked()).stdout).toMatch(/^\[ \] interrupted: locked by /m);
      await endKey();
      expect((await locked()).stdout).toMatch(/^\[✔\] interrupted/m);
      expect(await statuses()).toEqual(['succeeded']);
    });

    it.each(['after the claim', 'during do', 'before the close'])(
      '%s never reads as a success: the next holder closes the row and runs the job',
      async step => {
        expect(await locked(step)).toMatchObject({ signal: 'SIGKILL' });
        expect(await statuses()).toEqual(['running']);
        expect((await locked()).stdout).toMatch(/^\[ \] interrupted: locked by /m);
        expect(await statuses()).toEqual(['running']);
        await endKey();
        const { stdout } = await locked();
        expect(stdout).toMatch(/^\[✘\] interrupted: run \d+ abandoned/m);
        expect(stdout).toMatch(/^\[✔\] interrupted/m);
        expect(await statuses()).toEqual(['abandoned', 'succeeded']);
      },
    );

    it('before release has run: the job is not run again, and its lock ends by itself', async () => {
      expect(await locked('before release')).toMatchObject({ signal: 'SIGKILL' });
      expect(await statuses()).toEqual(['succeeded']);
      expect((await locked()).stdout).toMatch(/^\[ \] interrupted: next run /m);
      await endKey();
      expect((await locked(undefined, '--force')).stdout).toMatch(/^\[✔\] interrupted .*forced/m);
      expect(await statuses()).toEqual(['succeeded', 'succeeded']);
    });
  });
});
