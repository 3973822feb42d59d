import { hostname } from 'node:os';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CronJobContext, CronJobLog, type CronSettings, defineCronJob, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost, recordEvents } from '../helpers/host.ts';
import { until } from '../helpers/until.ts';

const everyFive = () => new Schedule({ runEveryMins: 5 });
const job = (code: string, run: (context: CronJobContext) => unknown, schedule = everyFive()) =>
  defineCronJob({ code, schedule, do: run });

describeDrivers('a tick', driver => {
  /** Whether there is only one connection, for the host and for us. */
  const isShared = driver.name === 'PGlite';
  let database: DriverDatabase;

  beforeAll(async () => {
    database = await driver.create();
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  const host = (jobs: CronSettings['jobs'], settings: Partial<CronSettings> = {}) =>
    createTestHost(database, { jobs, timeZone: 'UTC', ...settings });
  const ago = (minutes: number) => database.dialect.instant(String(Date.now() - minutes * 60_000));
  const rows = () =>
    database.sql<{ code: string; status: string; message: string; scheduled_for: unknown; pid: number }>(
      'select code, status, message, scheduled_for, ran_at_time, host, pid, start_time, end_time from cron_job_log order by id',
    );

  it('runs a due job and keeps what it returned', async () => {
    await using app = await host([job('a', () => 'three digests sent')]);
    const report = await app.runner.run();
    expect(report.jobs.map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect(await rows()).toEqual([
      expect.objectContaining({
        code: 'a',
        status: 'succeeded',
        message: 'three digests sent',
        scheduled_for: null,
        pid: process.pid,
      }),
    ]);
  });

  it('runs no job again before its interval has passed', async () => {
    const clock = new SettableClock('2026-03-01T10:00:00Z');
    await using app = await host([job('a', () => 'ran')], { clock });
    await app.runner.run();
    clock.set('2026-03-01T10:04:59Z');
    expect((await app.runner.run()).jobs[0]?.outcome).toBe('not_due');
    clock.set('2026-03-01T10:05:00Z');
    expect((await app.runner.run()).jobs[0]?.outcome).toBe('succeeded');
  });

  it('asks the database for everything in one statement when nothing is due, whatever the number of jobs', async () => {
    const jobs = Array.from({ length: 50 }, (_, index) => job(`job_${index}`, () => 'ran'));
    await using app = await host(jobs);
    await app.runner.run();
    app.statements();
    await app.runner.run();
    expect(app.statements()).toHaveLength(1);
  });

  it(`needs at most ${isShared ? 'eleven' : 'six'} statements for a due job beside the history`, async () => {
    await using app = await host([job('a', () => 'ran')]);
    await app.runner.run();
    await database.sql(`update cron_job_log set start_time = ${ago(24 * 60)}`);
    app.statements();
    await app.runner.run();
    const [history, ...perJob] = app.statements();
    expect(history).toContain('cron_job_log');
    // Five put the session right that the job has shared with us.
    expect(perJob.length).toBeLessThanOrEqual(isShared ? 11 : 6);
  });

  it('keeps the whole stack of an error with its causes, and goes on with the next job', async () => {
    const failing = job('failing', () => {
      throw new Error('the disk is full', { cause: new Error('ENOSPC') });
    });
    await using app = await host([failing, job('next', () => 'ran all the same')]);
    const report = await app.runner.run();
    expect(report.jobs.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded']);
    const [failed] = await rows();
    expect(failed?.status).toBe('failed');
    expect(failed?.message).toContain('Error: the disk is full');
    expect(failed?.message).toContain('tick.database.test.ts');
    expect(failed?.message).toContain('[cause]: Error: ENOSPC');
  });

  it.each([
    ['a string', 'no error at all', 'no error at all'],
    ['undefined', undefined, 'undefined'],
    ['an AggregateError', new AggregateError([new Error('first'), new Error('second')], 'both'), 'second'],
  ])('keeps what was thrown when it is %s', async (_, thrown, kept) => {
    const failing = job('failing', () => {
      throw thrown;
    });
    await using app = await host([failing]);
    await app.runner.run();
    expect((await rows())[0]).toMatchObject({ status: 'failed', message: expect.stringContaining(kept) });
  });

  it('writes "running" before the job starts and success only after it ended', async () => {
    let during: unknown;
    const looking = job('a', async () => {
      during = await rows();
      return 'done';
    });
    await using app = await host([looking]);
    await app.runner.run();
    expect(during).toEqual([expect.objectContaining({ status: 'running', message: '', end_time: null })]);
    expect((await rows())[0]).toMatchObject({ status: 'succeeded' });
  });

  it('gives the job its row, the slot it serves, and its previous success', async () => {
    const clock = new SettableClock('2026-03-01T06:35:00Z');
    const seen: CronJobContext[] = [];
    const look = (context: CronJobContext) => {
      seen.push(context);
      return `run ${seen.length}`;
    };
    await using app = await host([job('a', look, new Schedule({ runAtTimes: ['6:30'] }))], { clock });
    await app.runner.run();
    clock.set('2026-03-02T06:31:00Z');
    await app.runner.run();
    expect(seen[0]).toMatchObject({ previousSuccess: null, isForced: false, now: new Date('2026-03-01T06:35:00Z') });
    expect(seen[0]?.scheduledFor).toEqual(new Date('2026-03-01T06:30:00Z'));
    expect(seen[0]?.log).toBeInstanceOf(CronJobLog);
    expect(seen[1]?.previousSuccess).toMatchObject({
      id: seen[0]?.log.id,
      message: 'run 1',
      isSuccess: true,
      ranAtTime: '06:30',
      startTime: new Date('2026-03-01T06:35:00Z'),
      scheduledFor: new Date('2026-03-01T06:30:00Z'),
    });
  });

  it('keeps written lines before the returned message, and of a failed run too', async () => {
    const write = (context: CronJobContext) => {
      context.write('half way');
      if (context.log.code === 'failing') {
        throw new Error('stuck');
      }
      return 'done';
    };
    await using app = await host([job('fine', write), job('failing', write)]);
    await app.runner.run();
    const [fine, failing] = await rows();
    expect(fine?.message).toBe('half way\ndone');
    expect(failing?.message).toMatch(/^half way\nError: stuck/);
  });

  it('gives each run an EntityManager of its own, which is also the global one within the job', async () => {
    const managers: unknown[] = [];
    const look = ({ em }: CronJobContext) => {
      managers.push(em);
      expect(app.orm.em.getContext()).toBe(em);
    };
    await using app = await host([job('a', look), job('b', look)]);
    const { jobs } = await app.runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    expect(new Set(managers).size).toBe(2);
  });

  it('rolls back a transaction that a job left open, and logs the run all the same', async () => {
    await using app = await host([
      job('a', async ({ em }) => {
        await em.begin();
        await em.execute(`insert into cron_job_lock (code, host, pid) values ('left open', '', 0)`);
      }),
      job('b', () => 'ran'),
    ]);
    const { jobs } = await app.runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    expect(await database.sql(`select 1 from cron_job_lock where code = 'left open'`)).toEqual([]);
  });

  it('runs a forced job that is not due, and serves no slot with it', async () => {
    const clock = new SettableClock('2026-03-01T06:00:00Z');
    const contexts: CronJobContext[] = [];
    const schedule = new Schedule({ runAtTimes: ['06:30'] });
    await using app = await host([job('a', context => void contexts.push(context), schedule)], { clock });
    expect((await app.runner.run()).jobs[0]?.outcome).toBe('not_due');
    expect((await app.runner.run({ force: true })).jobs[0]?.outcome).toBe('succeeded');
    expect(contexts[0]).toMatchObject({ isForced: true, scheduledFor: null });
    clock.set('2026-03-01T06:30:00Z');
    expect((await app.runner.run()).jobs[0]?.outcome).toBe('succeeded');
    expect(contexts[1]).toMatchObject({ isForced: false, scheduledFor: new Date('2026-03-01T06:30:00Z') });
  });

  it('writes nothing at all in a dry run', async () => {
    let hasRun = false;
    await using app = await host([job('a', () => (hasRun = true))]);
    // Both connections are open, and the session of ours has been looked at.
    await app.orm.connect();
    await app.runner.holders();
    app.statements();
    const { jobs } = await app.runner.run({ dryRun: true });
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['would_run']);
    expect(hasRun).toBe(false);
    expect(app.statements()).toEqual([expect.stringMatching(/^select/i), expect.stringMatching(/^select/i)]);
    expect(await database.sql('select 1 from cron_job_log union all select 1 from cron_job_lock')).toEqual([]);
  });

  it('runs one job once when two runners tick at the same time, and the other says who holds it, also in a dry run', async () => {
    let end = (): void => undefined;
    const started = Promise.withResolvers<void>();
    const waiting = () => {
      started.resolve();
      return new Promise<void>(resolve => (end = resolve));
    };
    await using one = await host([job('a', waiting)]);
    await using other = await host([job('a', () => 'never')]);
    const running = one.runner.run();
    await started.promise;
    const { jobs } = await other.runner.run();
    const dry = await other.runner.run({ dryRun: true });
    end();
    await running;
    const locked = {
      outcome: 'locked',
      reason: expect.stringMatching(
        /^locked by .+, pid \d+, since \d\d:\d\d(:\d\d)?, until \d\d:\d\d(:\d\d)? UTC unless renewed$/,
      ),
      holder: { pid: process.pid },
    };
    expect(jobs).toMatchObject([locked]);
    expect(dry.jobs).toMatchObject([locked]);
    expect(await rows()).toHaveLength(1);
  });

  it('decides again under the lock, so a job that another host ran meanwhile does not run twice', async () => {
    await using other = await host([job('a', () => 'first')]);
    await using one = await host([
      // The first job's run lasts as long as the other host's whole tick.
      job('slow', () => other.runner.run()),
      job('a', () => 'second'),
    ]);
    const { jobs } = await one.runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'not_due']);
    expect((await rows()).filter(({ code }) => code === 'a')).toEqual([expect.objectContaining({ message: 'first' })]);
  });

  it('lets a job that allows parallel runs run beside itself', async () => {
    let others = 0;
    const parallel = defineCronJob({
      code: 'a',
      schedule: everyFive(),
      allowParallelRuns: true,
      do: async () => {
        if (others++ === 0) {
          await app.runner.run();
        }
      },
    });
    await using app = await host([parallel]);
    await app.runner.run();
    expect(await rows()).toHaveLength(2);
  });

  it('closes the row of a dead process as abandoned before it runs the job', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, status, message, host, pid) values ('a', ${ago(60)}, 'running', '', 'web-1', 4711)`,
    );
    const { onEvent, events } = recordEvents();
    await using app = await host([job('a', () => 'ran')]);
    await app.runner.run({ onEvent });
    const [dead, run] = await rows();
    expect(dead).toMatchObject({ status: 'abandoned', message: expect.stringMatching(/web-1, pid 4711, started 20/) });
    expect(run).toMatchObject({ status: 'succeeded' });
    expect(events.find(({ type }) => type === 'abandoned')).toMatchObject({ logs: [{ pid: 4711, host: 'web-1' }] });
  });

  it('closes a row without a lock from before this process, which has its pid', async () => {
    await database.sql(
      `insert into cron_job_log (code, start_time, status, message, host, pid)
       values ('a', ${ago(60)}, 'running', '', ?, ?), ('a', ${ago(0)}, 'running', '', ?, ?)`,
      [hostname(), process.pid, hostname(), process.pid],
    );
    await using app = await host([
      defineCronJob({ code: 'a', schedule: everyFive(), allowParallelRuns: true, do: () => 'ran' }),
    ]);
    await app.runner.run({ force: true });
    expect((await rows()).map(({ status }) => status)).toEqual(['abandoned', 'running', 'succeeded']);
  });

  it('never writes a success over a row that the next holder has closed', async () => {
    await using app = await host([
      job('a', async () => {
        await database.sql(`update cron_job_log set status = 'abandoned', message = 'closed by the next holder'`);
        return 'I thought it was mine';
      }),
    ]);
    const { jobs } = await app.runner.run();
    expect(jobs[0]).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('lock was lost') });
    expect(await rows()).toEqual([
      expect.objectContaining({ status: 'abandoned', message: 'closed by the next holder' }),
    ]);
  });

  it('stores a message with NUL bytes and lone surrogates', async () => {
    await using app = await host([job('a', () => 'a\0b\uD800c')]);
    await app.runner.run();
    expect((await rows())[0]).toMatchObject({ status: 'succeeded', message: 'a\uFFFDb\uFFFDc' });
  });

  it('cuts a message of 10 MB in the middle with a mark', async () => {
    await using app = await host([job('a', () => `begin${'é'.repeat(5_000_000)}end`)]);
    await app.runner.run();
    const [row] = await rows();
    expect(row?.status).toBe('succeeded');
    expect(Buffer.byteLength(row?.message ?? '')).toBeLessThanOrEqual(60_000);
    expect(row?.message).toMatch(/^begin.*cut here: the message had 10000008 bytes.*end$/s);
    expect(row?.message).not.toContain('\uFFFD');
  });

  it('tells its events in order, and no listener can break it', async () => {
    const { onEvent, types, events } = recordEvents();
    await using app = await host([job('a', () => 'ran')]);
    const { jobs } = await app.runner.run({
      onEvent: event => {
        onEvent(event);
        throw new Error('a listener that throws');
      },
    });
    expect(jobs[0]?.outcome).toBe('succeeded');
    expect(types().filter(type => type !== 'warning')).toEqual([
      'tickStarted',
      'jobDue',
      'jobStarted',
      'jobDone',
      'tickEnded',
    ]);
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({
      message: "a listener failed at 'tickStarted': a listener that throws",
    });
  });

  it('tells how far a job says it is', async () => {
    const { onEvent, events } = recordEvents();
    await using app = await host([
      job('a', ({ progress }) => {
        progress(1);
        progress(30, 120);
      }),
    ]);
    await app.runner.run({ onEvent });
    const told = events.filter(({ type }) => type === 'progress');
    expect(told).toEqual([
      expect.objectContaining({ done: 1, total: undefined }),
      expect.objectContaining({ done: 30, total: 120 }),
    ]);
  });

  it('aborts a job that runs longer than its time-out', async () => {
    const heeding = ({ signal }: CronJobContext) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await using app = await host([job('a', heeding)], { timeoutSeconds: 0.2 });
    const { jobs } = await app.runner.run();
    expect(jobs[0]?.outcome).toBe('timed_out');
    expect((await rows())[0]).toMatchObject({
      status: 'timed_out',
      message: expect.stringContaining('Timed out after 0.2 s'),
    });
  });

  it.runIf(driver.longQuery)('cancels the query of an aborted job on the server', async () => {
    const { sql, active } = driver.longQuery!;
    await using app = await host([job('a', ({ em }) => em.execute(sql))], { timeoutSeconds: 0.5 });
    const running = app.runner.run();
    await until('the query is running', async () => (await database.sql(active)).length > 0);
    expect((await running).jobs[0]?.outcome).toBe('timed_out');
    await until('the query is cancelled', async () => (await database.sql(active)).length === 0);
  });

  it('gives up a job that ignores its signal, and leaves its lock to run out', async () => {
    await using app = await host([job('a', () => new Promise(() => undefined)), job('b', () => 'ran')], {
      timeoutSeconds: 0.1,
      shutdownGraceSeconds: 0.1,
    });
    const { jobs } = await app.runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['timed_out', 'succeeded']);
    expect((await rows())[0]).toMatchObject({
      status: 'timed_out',
      message: expect.stringContaining('ignored its signal'),
    });
    expect(await database.sql(`select code from cron_job_lock where owner is not null`)).toEqual([{ code: 'a' }]);
  });

  it.runIf(isShared)('runs one job at a time where jobs share our connection, whatever the concurrency', async () => {
    let running = 0;
    let most = 0;
    const work = (code: string) =>
      job(code, async ({ em }) => {
        most = Math.max(most, ++running);
        await em.execute('select 1');
        running--;
      });
    await using app = await host(['a', 'b', 'c', 'd'].map(work), { concurrency: 2 });
    const { jobs } = await app.runner.run();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(Array(4).fill('succeeded'));
    expect(most).toBe(1);
  });

  it.skipIf(isShared)('runs up to `concurrency` jobs at once, in the order of jobs', async () => {
    const { onEvent, events } = recordEvents();
    let running = 0;
    let most = 0;
    let met = Promise.withResolvers<void>();
    // Two by two they wait for each other: with one at a time none would ever end.
    const work = (code: string) =>
      job(code, async () => {
        most = Math.max(most, ++running);
        if (running === 2) {
          met.resolve();
          met = Promise.withResolvers();
        } else {
          await met.promise;
        }
        running--;
      });
    await using app = await host(['a', 'b', 'c', 'd'].map(work), { concurrency: 2 });
    await app.runner.run({ onEvent });
    expect(most).toBe(2);
    expect(events.flatMap(event => (event.type === 'jobDue' ? event.job.code : []))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts no further job once it is stopped', async () => {
    const stop = new AbortController();
    await using app = await host([job('a', () => stop.abort()), job('b', () => 'never')]);
    const { jobs } = await app.runner.run({ stop: stop.signal });
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'not_started']);
  });
});
