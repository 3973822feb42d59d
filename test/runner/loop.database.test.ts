import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CronError, CronJobError, defineCronJob, Schedule } from '../../src/index.ts';
import { CronLoop, type Ticker } from '../../src/runner/CronLoop.ts';
import type { LoopOptions } from '../../src/runner/RunOptions.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost } from '../helpers/host.ts';
import { TestPace } from '../helpers/TestPace.ts';
import { until } from '../helpers/until.ts';

describe('a loop at a steady pace', () => {
  /** Runs a loop whose ticks take so many seconds, or cannot be made; gives when they started. */
  async function play(ticks: (number | Error)[], options: LoopOptions = {}) {
    const pace = new TestPace();
    const startedAt: number[] = [];
    const failed: [string, number | null][] = [];
    const ticker: Ticker = {
      prepare: async () => undefined,
      tick: async () => {
        const tick = ticks[startedAt.length] ?? 0;
        startedAt.push(pace.seconds);
        if (tick instanceof Error) {
          throw tick;
        }
        pace.seconds += tick;
        return Infinity;
      },
    };
    const onTickFailed = (error: unknown, seconds: number | null) =>
      void failed.push([(error as Error).message, seconds]);
    const loop = new CronLoop(ticker, { exact: false, sleepSeconds: 60, repeat: 4, pace, onTickFailed, ...options });
    const isMade = await loop.run();
    return { startedAt, failed, isMade };
  }

  it('counts its sleep from start to start, without drift', async () => {
    expect((await play([1, 20, 59.5, 0])).startedAt).toEqual([0, 60, 120, 180]);
  });

  it('passes over the instants that a long tick missed, and stays in step', async () => {
    expect((await play([61, 150, 0, 0])).startedAt).toEqual([0, 120, 300, 360]);
  });

  it('tries a tick that could not be made again after 1, 2, 4 … seconds, and then stays in step', async () => {
    const down = new CronError('database is down');
    const { startedAt, failed } = await play([0, down, down, down, 0, 0], { repeat: 3 });
    expect(startedAt).toEqual([0, 60, 61, 63, 67, 120]);
    expect(failed).toEqual([
      ['database is down', 1],
      ['database is down', 2],
      ['database is down', 4],
    ]);
  });

  it('never waits longer for another try than for the next tick, which starts anew, nor than a minute', async () => {
    const down = Array.from({ length: 20 }, () => new CronError('down'));
    const short = await play(down, { repeat: 2, sleepSeconds: 5 });
    expect(short.startedAt).toEqual([0, 1, 3, 5, 6, 8]);
    expect(short.failed.map(([, seconds]) => seconds)).toEqual([1, 2, 2, 1, 2, null]);
    const long = await play(down, { repeat: 1, sleepSeconds: 300 });
    expect(long.failed.map(([, seconds]) => seconds)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, null]);
  });

  it('ends after its last tick also when that could not be made, and says so', async () => {
    expect(await play([new CronError('down')], { repeat: 1, sleepSeconds: 1 })).toMatchObject({
      startedAt: [0],
      isMade: false,
    });
    expect(await play([], { repeat: 1 })).toMatchObject({ startedAt: [0], isMade: true });
  });

  it('is not made when it is stopped between two tries, or before the tick had begun', async () => {
    const stop = new AbortController();
    const down = new CronError('down');
    const onTickFailed = () => stop.abort();
    expect(await play([0, down, 0], { stop: stop.signal, onTickFailed })).toMatchObject({
      startedAt: [0, 60],
      isMade: false,
    });
    const stopped = new AbortController();
    const tick = async () => {
      stopped.abort();
      throw new CronError('the tick was stopped before it started');
    };
    const heard = vi.fn<() => void>();
    const loop = new CronLoop({ prepare: async () => undefined, tick }, { stop: stopped.signal, onTickFailed: heard });
    expect(await loop.run()).toBe(false);
    expect(heard).not.toHaveBeenCalled();
  });

  it('goes on when who should hear of a failed tick fails too', async () => {
    const onTickFailed = () => {
      throw new Error('Sentry is down as well');
    };
    expect((await play([new CronError('down'), 0, 0], { repeat: 2, onTickFailed })).startedAt).toEqual([0, 1, 60]);
  });

  it('waits a random part of its jitter before the first tick', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25);
    try {
      expect((await play([], { jitterSeconds: 40, repeat: 2 })).startedAt).toEqual([10, 70]);
    } finally {
      random.mockRestore();
    }
  });

  it('makes no tick once it is stopped', async () => {
    expect((await play([], { stop: AbortSignal.abort() })).startedAt).toEqual([]);
  });

  it('ends at once, and does not tick, for a name that no job has', async () => {
    const tick = vi.fn<() => Promise<number>>();
    const prepare = async () => {
      throw new CronJobError('There is no job');
    };
    await expect(new CronLoop({ prepare, tick }, {}).run()).rejects.toThrow(CronJobError);
    expect(tick).not.toHaveBeenCalled();
  });

  describe('within the host', () => {
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

    const count = async () => (await database.sql('select 1 from cron_job_log')).length;

    it('can be started again once it has ended by itself', async () => {
      const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: () => undefined });
      await using app = await createTestHost(database, { jobs: [job] });
      app.runner.start({ repeat: 1 });
      await until('it has ended', async () => {
        try {
          app.runner.start({ repeat: 1 });
          return true;
        } catch {
          return false;
        }
      });
      await until('both have ticked', async () => (await count()) === 2);
      await app.runner.stop();
    });

    it('ticks from start() to stop(), and again', async () => {
      const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: () => 'ran' });
      await using app = await createTestHost(database, { jobs: [job] });
      app.runner.start({ sleepSeconds: 0.05 });
      expect(() => app.runner.start()).toThrow(/already started; call stop\(\) first/);
      await until('three ticks are made', async () => (await count()) >= 3);
      await app.runner.stop();
      const made = await count();
      app.runner.start({ sleepSeconds: 0.05, repeat: 1 });
      await until('one more is made', async () => (await count()) === made + 1);
      await app.runner.stop();
      await app.runner.stop();
      expect(await count()).toBe(made + 1);
    });

    /** A job that goes on until it is let go or aborted. */
    function waitingJob() {
      const [started, go] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
      const job = defineCronJob({
        code: 'a',
        schedule: new Schedule({ runEveryMins: 0 }),
        do: async ({ signal }) => {
          started.resolve();
          signal.addEventListener('abort', () => go.reject(signal.reason));
          return go.promise;
        },
      });
      return { job, started: started.promise, go };
    }

    it('waits on stop() for what run() has going, and starts none of its other jobs', async () => {
      const { job, started, go } = waitingJob();
      const other = defineCronJob({ code: 'b', schedule: new Schedule({ runEveryMins: 0 }), do: () => undefined });
      await using app = await createTestHost(database, { jobs: [job, other] });
      const tick = app.runner.run();
      await started;
      const stopped = app.runner.stop();
      go.resolve('finished');
      await stopped;
      expect(await database.sql('select code, status, message from cron_job_log')).toEqual([
        { code: 'a', status: 'succeeded', message: 'finished' },
      ]);
      expect((await tick).jobs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'not_started']);
    });

    it('aborts on stop() what run() has going, after the grace', async () => {
      const { job, started } = waitingJob();
      await using app = await createTestHost(database, { jobs: [job], shutdownGraceSeconds: 0.1 });
      const tick = app.runner.run();
      await started;
      await app.runner.stop();
      expect(await database.sql('select status, message from cron_job_log')).toEqual([
        { status: 'failed', message: expect.stringMatching(/^Shut down by stop\(\)/) },
      ]);
      expect((await tick).jobs.map(({ outcome }) => outcome)).toEqual(['failed']);
    });

    it('leaves nothing on the signals of a caller, and ends by them as before', async () => {
      const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 0 }), do: () => undefined });
      await using app = await createTestHost(database, { jobs: [job] });
      const { signal } = new AbortController();
      await app.runner.run({ stop: signal, shutdown: signal });
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      await expect(app.runner.run({ stop: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
        'the tick was stopped before it started: enough',
      );
    });

    it('lets running jobs settle on stop(), and aborts them after the grace', async () => {
      const started = Promise.withResolvers<void>();
      const job = defineCronJob({
        code: 'a',
        schedule: new Schedule({ runEveryMins: 0 }),
        do: ({ signal }) => {
          started.resolve();
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
      });
      await using app = await createTestHost(database, { jobs: [job], shutdownGraceSeconds: 0.1 });
      app.runner.start();
      await started.promise;
      await app.runner.stop();
      expect(await database.sql('select status, message from cron_job_log')).toEqual([
        { status: 'failed', message: expect.stringMatching(/^Shut down by stop\(\)/) },
      ]);
      expect(await database.sql('select 1 from cron_job_lock where owner is not null')).toEqual([]);
    });
  });
});
