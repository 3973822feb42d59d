import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';

const WORKER = fileURLToPath(new URL('../fixtures/locks/worker.ts', import.meta.url));
const LOCKS = fileURLToPath(new URL('../fixtures/locks', import.meta.url));
const SHIFTED = new URL('../fixtures/locks/shiftedClock.mjs', import.meta.url).href;
const PROCESSES = 8;
const JOBS = 20;
const ROUNDS = 20;

const noRedis = whyNoRedis();

describe.each(['database', 'redis', 'file'])('processes that race by %s lock', kind => {
  describe.skipIf(kind === 'redis' && noRedis !== undefined)(noRedis ?? 'for one set of jobs', () => {
    let database: TestDatabase;
    let redis: RedisServer | undefined;
    let directory: string;
    let env: NodeJS.ProcessEnv;
    const workers = new Set<ChildProcess>();

    beforeAll(async () => {
      database = await createTestDatabase();
      await database.sql('create table doubles (job int)');
      redis = kind === 'redis' ? await startRedis() : undefined;
      directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-race-'));
      env = {
        ...process.env,
        VITEST: undefined,
        DATABASE_URL: database.url,
        LOCK: kind,
        REDIS_URL: redis?.url,
        LOCK_DIRECTORY: directory,
        JOBS: String(JOBS),
      };
    });
    beforeEach(async () => {
      await database.sql('truncate cron_job_log, cron_job_lock, doubles');
    });
    afterEach(async () => {
      const ended = [...workers].map(worker => once(worker, 'exit'));
      workers.forEach(worker => worker.kill('SIGKILL'));
      await Promise.all(ended);
    });
    afterAll(async () => {
      await redis?.[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    });

    async function start(extra: NodeJS.ProcessEnv): Promise<ChildProcess> {
      const worker = fork(WORKER, { env: { ...env, ...extra }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      workers.add(worker);
      worker.once('exit', () => workers.delete(worker));
      await once(worker, 'message');
      return worker;
    }

    const problems = () => database.sql(`select code, status, message from cron_job_log where status <> 'succeeded'`);

    it(`serve each slot of ${JOBS} jobs exactly once: ${PROCESSES} processes, ${ROUNDS} rounds`, async () => {
      const racing = await Promise.all(Array.from({ length: PROCESSES }, () => start({ CLOCK: '1' })));
      for (let round = 0; round < ROUNDS; round++) {
        const minute = new Date(Date.UTC(2026, 0, 1, 12, round)).toISOString();
        const answers = racing.map(worker => once(worker, 'message'));
        racing.forEach(worker => worker.send(minute));
        for (const [answer] of await Promise.all(answers)) {
          expect(answer).toEqual({ outcomes: expect.any(Array) });
          expect(
            answer.outcomes.filter((outcome: string) => !['succeeded', 'locked', 'not_due'].includes(outcome)),
          ).toEqual([]);
        }
      }
      expect(await problems()).toEqual([]);
      expect(await database.sql('select * from doubles')).toEqual([]);
      const served = await database.sql<{ runs: number; slots: number }>(
        `select count(*)::int as runs, count(distinct (code, scheduled_for))::int as slots from cron_job_log`,
      );
      expect(served).toEqual([{ runs: JOBS * ROUNDS, slots: JOBS * ROUNDS }]);
    });

    // Fifteen processes start, which takes its time on a machine that does other things too.
    it('never run a job twice at once while runners are killed at random, and leave nothing behind', async () => {
      const lease = 1;
      const options = { LEASE: String(lease), MILLIS: '10' };
      await Promise.all(Array.from({ length: 5 }, () => start(options)));
      for (let killed = 0; killed < 10; killed++) {
        await delay(Math.random() * 200);
        const victims = [...workers];
        victims[Math.floor(Math.random() * victims.length)]!.kill('SIGKILL');
        await start(options);
      }
      const [{ now } = { now: '' }] = await database.sql<{ now: string }>('select now()::text as now');
      // The survivors go on: every job runs again within the lease and a tick.
      await until(
        'every job has run again',
        async () =>
          (
            await database.sql(
              `select code from cron_job_log where status = 'succeeded' and start_time > ?::timestamptz group by code`,
              [now],
            )
          ).length === JOBS,
        lease + 15,
      );
      const ended = [...workers].map(worker => once(worker, 'exit'));
      workers.forEach(worker => worker.kill('SIGKILL'));
      await Promise.all(ended);
      await delay(lease * 1_000);
      // A last runner finds what the last killed ones left, and closes it.
      const last = await start(options);
      await until(
        'nothing is left running but what the last runner runs itself',
        async () =>
          (await database.sql(`select 1 from cron_job_log where status = 'running' and pid <> ?`, [last.pid]))
            .length === 0,
      );
      expect(await database.sql('select * from doubles')).toEqual([]);
      const abandoned = await database.sql(`select 1 from cron_job_log where status = 'abandoned'`);
      expect(abandoned.length).toBeGreaterThan(0);
      expect((await problems()).filter(({ status }) => !['abandoned', 'running'].includes(String(status)))).toEqual([]);
    }, 180_000);

    if (kind !== 'file') {
      it('take over from one that was stopped beyond its lease; it hears of it when it goes on', async () => {
        const jobs = { ...env, CRON_JOBS: '../host/waiting/*.ts' };
        const settings = (lease: number) => ({ CRON_SETTINGS: JSON.stringify({ lockTimeSeconds: lease }) });
        const rows = () =>
          database.sql<{ status: string; pid: number; message: string }>(
            'select status, pid, message from cron_job_log order by id',
          );
        const paused = startCli(['runcrons'], { ...jobs, ...settings(1) }, LOCKS);
        await until('it runs', async () => (await rows()).length === 1);
        paused.child.kill('SIGSTOP');
        try {
          const second = await until('another has taken over', async () => {
            const next = startCli(['runcrons'], { ...jobs, ...settings(60) }, LOCKS);
            const started = until(
              'it has decided',
              async () => next.child.exitCode !== null || (await rows()).length === 2,
            );
            await started;
            return (await rows()).length === 2 && next;
          });
          expect((await rows()).map(({ status }) => status)).toEqual(['abandoned', 'running']);
          paused.child.kill('SIGCONT');
          const { stdout, stderr, code } = await paused.done;
          expect(stderr).toMatch(/Lock of host\.waiting: it (was lost to another process|could not be renewed)/);
          expect(stdout).toMatch(/^\[✘\] host\.waiting /m);
          expect(code).toBe(0);
          await database.sql('create table go ()');
          await second.done;
          expect((await rows()).map(({ status, message }) => [status, message.split(':')[0]])).toEqual([
            ['abandoned', 'Abandoned'],
            ['succeeded', 'was let go'],
          ]);
        } finally {
          paused.child.kill('SIGCONT');
          await database.sql('drop table if exists go');
        }
      });

      it('agree though their clocks differ by an hour', async () => {
        const jobs = { ...env, CRON_JOBS: '../host/waiting/*.ts' };
        const wrong = { ...jobs, NODE_OPTIONS: `--import ${SHIFTED}`, CLOCK_SHIFT: String(3_600_000) };
        const rows = () =>
          database.sql<{ status: string; age: number }>(
            'select status, extract(epoch from now() - start_time)::float8 as age from cron_job_log order by id',
          );
        const behind = startCli(['runcrons'], jobs, LOCKS);
        await until('it runs', async () => (await rows()).length === 1);
        // To the clock of this one the lease of five minutes has long ended.
        const ahead = await startCli(['runcrons'], wrong, LOCKS).done;
        expect(ahead.stdout).toMatch(/^\[ \] host\.waiting: locked by /m);
        await database.sql('create table go ()');
        try {
          expect(await behind.done).toMatchObject({ code: 0 });
          await database.sql('truncate cron_job_log');
          expect((await startCli(['runcrons'], wrong, LOCKS).done).stdout).toMatch(/^\[✔\] host\.waiting/m);
          const [row] = await rows();
          expect(Math.abs(row!.age)).toBeLessThan(60);
        } finally {
          await database.sql('drop table go');
        }
      });
    }
  });
});
