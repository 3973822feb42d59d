import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import {
  cron,
  cronEntities,
  CronJobLog,
  type CronRunner,
  defineCronJob,
  getCronRunner,
  type OperatorAction,
  Schedule,
} from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

describeDrivers('what an operator sets', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  let runner: CronRunner;
  const clock = new SettableClock('2026-03-01T10:00:30Z');
  const actions: OperatorAction[] = [];
  let during: (signal: AbortSignal) => unknown = () => 'done';

  beforeAll(async () => {
    database = await driver.create();
    const job = (code: string, more: object = {}) =>
      defineCronJob({
        code,
        schedule: new Schedule({ cron: '0 10 * * *' }),
        do: ({ signal }) => during(signal),
        ...more,
      });
    orm = await database.init({
      entities: cronEntities,
      extensions: [
        cron({
          jobs: [
            job('daily'),
            job('parallel', { allowParallelRuns: true }),
            job('other', { args: z.object({ from: z.string() }) }),
          ],
          timeZone: 'UTC',
          clock,
          lockTimeSeconds: 1,
          onOperatorAction: action => void actions.push(action),
        }),
      ],
    });
    runner = getCronRunner(orm);
  });
  beforeEach(async () => {
    for (const table of ['cron_job_log', 'cron_job_lock', 'cron_job_state']) {
      await database.sql(`delete from ${table}`);
    }
    clock.set('2026-03-01T10:00:30Z');
    actions.length = 0;
    during = () => 'done';
  });
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const tick = async (...jobs: string[]) =>
    (await runner.run({ jobs })).jobs.map(({ job, outcome, reason }) => `${job.code} ${outcome}: ${reason}`);
  const logs = async () => orm.em.fork().find(CronJobLog, {}, { orderBy: { id: 'asc' } });

  it('a paused job does not run until it is resumed, and then its slot does', async () => {
    expect(await runner.pause(['daily'], { reason: 'SMTP down', by: 'ops@web-1' })).toEqual(['daily']);
    expect(await tick('daily')).toEqual(['daily not_due: paused by ops@web-1: SMTP down']);
    expect((await runner.overview()).jobs[0]).toMatchObject({
      pause: { by: 'ops@web-1', reason: 'SMTP down', until: null },
      isDue: false,
      nextRun: null,
    });
    expect(await runner.resume(['daily', 'other'])).toEqual(['daily']);
    expect(await tick('daily')).toEqual(['daily succeeded: slot 10:00 UTC']);
    expect(actions.map(({ action, job }) => `${action} ${job?.code}`)).toEqual(['pause daily', 'resume daily']);
  });

  it('a pause ends by itself, and a forced run passes over it', async () => {
    await runner.pause(['daily'], { until: new Date('2026-03-01T10:30:00Z'), by: 'me' });
    expect(await tick('daily')).toEqual(['daily not_due: paused until 10:30 UTC by me']);
    expect((await runner.run({ jobs: ['daily'], force: true })).jobs[0]?.outcome).toBe('succeeded');
    expect(await logs()).toMatchObject([{ runTrigger: 'forced', scheduledFor: null }]);
    clock.set('2026-03-01T10:30:00Z');
    expect(await tick('daily')).toEqual(['daily succeeded: slot 10:00 UTC']);
  });

  it('a pause of all jobs holds those that take no lock too', async () => {
    await runner.pauseAll({ by: 'me' });
    expect(await tick()).toEqual(['daily', 'parallel', 'other'].map(code => `${code} not_due: all jobs paused by me`));
    expect(await runner.resumeAll()).toBe(true);
    expect(await runner.resumeAll()).toBe(false);
    expect(await tick('parallel')).toEqual(['parallel succeeded: slot 10:00 UTC']);
  });

  it('a skipped slot does not run, and the one after it does', async () => {
    expect(await runner.skip('daily', { by: 'me' })).toEqual(new Date('2026-03-01T10:00:00Z'));
    expect(await tick('daily')).toEqual([
      'daily not_due: 10:00 UTC was skipped by me; next slot 2026-03-02 10:00 UTC in 1 d',
    ]);
    expect(await runner.skip('daily', { until: new Date('2026-03-03T10:00:00Z'), by: 'me' })).toBeInstanceOf(Date);
    clock.set('2026-03-02T10:00:00Z');
    expect(await tick('daily')).toEqual(['daily not_due: skipped until 2026-03-03 10:00 UTC by me']);
    clock.set('2026-03-03T10:00:00Z');
    expect(await tick('daily')).toEqual(['daily succeeded: slot 10:00 UTC']);
  });

  it.each(['daily', 'parallel'])(
    'a request runs %s once, also when it is not due, and is kept in the row',
    async code => {
      clock.set('2026-03-01T09:00:00Z');
      const first = await runner.request(code, { by: 'ops@web-1' });
      expect(first).toEqual({ id: expect.any(String), isNew: true });
      expect(await runner.request(code)).toEqual({ id: first.id, isNew: false });
      expect((await runner.overview(await runner.select([code]))).jobs[0]).toMatchObject({
        request: { id: first.id },
        isDue: true,
      });
      expect(await tick(code)).toEqual([`${code} succeeded: requested by ops@web-1 09:00 UTC`]);
      expect(await tick(code)).toEqual([`${code} not_due: next slot 10:00 UTC in 1 h`]);
      expect(await logs()).toMatchObject([
        {
          runTrigger: 'request',
          requestedBy: 'ops@web-1',
          requestId: first.id,
          queuedAt: clock.now(),
          scheduledFor: null,
        },
      ]);
    },
  );

  it('a request serves the slot that is due, unless it has arguments', async () => {
    await runner.request('daily');
    await tick('daily');
    await runner.request('other', { args: { from: '2026-01-01' } });
    await tick('other');
    await tick('other');
    expect(
      (await logs()).map(({ code, scheduledFor, runTrigger, arguments: args }) => [
        code,
        scheduledFor?.getUTCHours(),
        runTrigger,
        args,
      ]),
    ).toEqual([
      ['daily', 10, 'request', null],
      ['other', undefined, 'request', '{"from":"2026-01-01"}'],
      ['other', 10, 'slot', null],
    ]);
  });

  it('a pause that is set after the reading holds: it is read again under the claim', async () => {
    const { claimer } = runner.connections;
    const read = claimer.read.bind(claimer);
    claimer.read = async jobs => {
      const reading = await read(jobs);
      await runner.pause(
        jobs.map(({ code }) => code),
        { by: 'me' },
      );
      return reading;
    };
    try {
      expect(await tick('daily')).toEqual(['daily not_due: paused by me']);
      expect(await logs()).toEqual([]);
    } finally {
      claimer.read = read;
    }
  });

  it.each(['daily', 'parallel'])(
    'a cancelled run of %s ends within a third of its lease, and is no failure',
    async code => {
      let cancelledAt = 0;
      during = async signal => {
        await runner.cancel(code, { by: 'ops@web-1' });
        cancelledAt = performance.now();
        await new Promise(resolve => signal.addEventListener('abort', resolve));
      };
      expect(await tick(code)).toEqual([`${code} cancelled: slot 10:00 UTC`]);
      expect(performance.now() - cancelledAt).toBeLessThan(driver.name === 'PGlite' ? 5_000 : 1_000);
      expect(await logs()).toMatchObject([
        { status: 'cancelled', message: expect.stringMatching(/^Cancelled by ops@web-1\n/) },
      ]);
      expect((await runner.overview(await runner.select([code]))).jobs[0]?.failureStreak).toBe(0);
      // Its request names the run: it does not hit the next one.
      during = () => 'done';
      expect(await tick(code)).toEqual([`${code} succeeded: slot 10:00 UTC`]);
      await expect(runner.cancel(code)).rejects.toThrow(
        `Job ${code}: no run is under way, so there is nothing to cancel`,
      );
    },
  );
});
