import { MikroORM } from '@mikro-orm/sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type CronJobBase, defineCronJob, Schedule, type ScheduleOptions } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { createTestHost, recordEvents, type TestHost } from '../helpers/host.ts';

const job = (code: string, options: ScheduleOptions, rest: Partial<CronJobBase> = {}) =>
  defineCronJob({ code, schedule: new Schedule(options), do: () => code, ...rest });

describe('a tick', () => {
  let clock: SettableClock;
  let host: TestHost;

  async function open(...jobs: CronJobBase[]): Promise<void> {
    const init = async (options: object) => MikroORM.init({ ...options, dbName: ':memory:' });
    host = await createTestHost({ init }, { jobs, clock, timeZone: 'UTC' });
    await host.orm.schema.create();
    host.statements();
  }

  beforeEach(() => {
    clock = new SettableClock('2026-06-01T12:00:00Z');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await host[Symbol.asyncDispose]();
  });

  const tick = async (options: Parameters<TestHost['runner']['run']>[0] = {}) =>
    (await host.runner.run(options)).jobs.map(({ job: { code }, outcome, reason }) => `${code} ${outcome}: ${reason}`);
  const rows = async () =>
    host.orm.em.fork().execute('select code, run_trigger, scheduled_for from cron_job_log order by id');

  it('runs a job after others, also when it is of that job alone, by one statement while nothing is due', async () => {
    await open(
      job('import', { cron: '0 * * * *' }),
      job('report', { runsAfter: ['import'] }),
      job('other', { runEveryMins: 600 }),
    );
    expect(await tick({ jobs: ['report'] })).toEqual(['report not_due: waits for a success of import']);
    expect(await tick()).toEqual([
      'import succeeded: slot 12:00 UTC',
      'report not_due: waits for a success of import',
      'other succeeded: no earlier success',
    ]);
    clock.advance(60);
    expect(await tick({ jobs: ['report'] })).toEqual(['report succeeded: after import, which succeeded 12:00 UTC']);
    clock.advance(60);
    host.statements();
    expect(await tick({ jobs: ['report'] })).toEqual(['report not_due: waits for a success of import']);
    expect(host.statements()).toHaveLength(1);
    clock.advance(3_600);
    expect((await tick())[0]).toBe('import succeeded: slot 13:00 UTC');
    clock.advance(60);
    expect((await tick())[1]).toBe('report succeeded: after import, which succeeded 13:02 UTC');
    expect((await rows()).map(({ code, run_trigger: trigger }) => `${code} ${trigger}`)).toEqual([
      'import slot',
      'other interval',
      'report after',
      'import slot',
      'report after',
    ]);
  });

  it('gives a requested run its arguments, which serves no slot then', async () => {
    const schema = z.object({ from: z.coerce.date() });
    const given: unknown[] = [];
    const taking = defineCronJob({
      code: 'import',
      schedule: new Schedule({ runAtTimes: ['12:00'] }),
      args: schema,
      do: ({ args }) => void given.push(args),
    });
    await open(taking, job('plain', { runEveryMins: 60 }));
    await expect(host.runner.request('import', { args: { from: 'May' } })).rejects.toThrow(
      'Job import refuses its arguments: from: Invalid',
    );
    await expect(host.runner.request('plain', { args: { from: 'May' } })).rejects.toThrow(
      'Job plain takes no arguments',
    );
    await host.runner.request('import', { args: { from: '2026-01-01' }, by: 'me' });
    expect(await tick({ jobs: ['import'] })).toEqual(['import succeeded: requested by me 12:00 UTC']);
    expect(await tick({ jobs: ['import'] })).toEqual(['import succeeded: slot 12:00 UTC']);
    expect(given).toEqual([{ from: new Date('2026-01-01') }, undefined]);
    const em = host.orm.em.fork();
    expect(await em.execute('select run_trigger, arguments from cron_job_log order by id')).toEqual([
      { run_trigger: 'request', arguments: '{"from":"2026-01-01"}' },
      { run_trigger: 'slot', arguments: null },
    ]);
    // A schema that has become stricter since the request.
    await host.runner.request('import', { args: { from: '2026-01-01' } });
    Object.assign(taking, { args: z.object({ from: z.literal('never') }) });
    await tick({ jobs: ['import'] });
    const [row] = await em.execute('select status, message from cron_job_log order by id desc limit 1');
    expect(row).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Job import refuses its arguments: from: /),
    });
  });

  it('keeps the request of a job that is off', async () => {
    await open(job('off', { runEveryMins: 5 }, { enabled: env => env['NODE_ENV'] === 'production' }));
    await host.runner.request('off', { by: 'me' });
    expect(await tick()).toEqual(['off not_due: disabled here: its enabled is false']);
    vi.stubEnv('NODE_ENV', 'production');
    expect(await tick()).toEqual(['off succeeded: requested by me 12:00 UTC']);
  });

  it('brings the next tick at once when a job has succeeded that another runs after', async () => {
    await open(job('report', { runsAfter: ['import'] }), job('import', { runAtTimes: ['12:00'] }));
    const reports: string[] = [];
    const loop = host.runner.loop({
      repeat: 2,
      sleepSeconds: 3_600,
      onEvent: event => event.type === 'jobStarted' && reports.push(event.job.code),
    });
    await loop.run();
    expect(reports).toEqual(['import', 'report']);
  });

  it('skips a spread slot, and the next one still runs', async () => {
    await open(job('a', { cron: '0 * * * *', spreadMins: 30 }));
    const { spreadSeconds } = (await host.runner.overview()).jobs[0]!;
    expect(await tick()).toEqual(['a succeeded: slot 11:00 UTC']);
    expect(await host.runner.skip('a', { by: 'me' })).toEqual(new Date('2026-06-01T12:00:00Z'));
    const next = async () => (await host.runner.overview()).jobs[0]!.nextRun?.toISOString();
    const start = new Date(Date.parse('2026-06-01T13:00:00Z') + spreadSeconds * 1_000);
    expect(await next()).toBe(start.toISOString());
    clock.set(new Date(start.getTime() - 3_600_000));
    expect((await tick())[0]).toMatch(/^a not_due: next slot 13:00 UTC, spread to /);
    clock.set(start);
    expect(await tick()).toEqual(['a succeeded: slot 13:00 UTC']);
  });

  it('starts a spread slot later, and keeps the slot in its row', async () => {
    await open(
      job('a', { runAtTimes: ['12:00'], spreadMins: 60 }),
      job('b', { runAtTimes: ['12:00'], spreadMins: 60 }),
    );
    const { jobs } = await host.runner.overview();
    expect(new Set(jobs.map(({ spreadSeconds }) => spreadSeconds)).size).toBe(2);
    for (const {
      job: { code },
      nextRun,
      spreadSeconds,
    } of jobs) {
      expect(nextRun).toEqual(new Date(Date.parse('2026-06-01T12:00:00Z') + spreadSeconds * 1_000));
      clock.set(new Date(nextRun!.getTime() - 1));
      expect(await tick({ jobs: [code] })).toEqual([
        expect.stringMatching(/ not_due: next slot 12:00 UTC, spread to /),
      ]);
      clock.set(nextRun!);
      expect(await tick({ jobs: [code] })).toEqual([`${code} succeeded: slot 12:00 UTC`]);
    }
    expect(new Set((await rows()).map(({ scheduled_for: slot }) => Number(slot))).size).toBe(1);
  });

  it('passes over schedule and exclusion with force, but not over what is off', async () => {
    await open(
      job('excluded', { runEveryMins: 5, except: '2026-06-01' }),
      defineCronJob({ code: 'manual', schedule: Schedule.manual(), do: () => undefined }),
      job('off', { runEveryMins: 5 }, { enabled: env => env['NODE_ENV'] === 'production' }),
    );
    expect(await tick()).toEqual([
      'excluded not_due: not on 2026-06-01, which is excluded',
      'manual not_due: manual: it runs only when asked for',
      'off not_due: disabled here: its enabled is false',
    ]);
    expect(await tick({ force: true })).toEqual([
      'excluded succeeded: forced',
      'manual succeeded: forced',
      'off not_due: disabled here: its enabled is false',
    ]);
    vi.stubEnv('NODE_ENV', 'production');
    expect((await tick({ jobs: ['off'] }))[0]).toBe('off succeeded: no earlier success');
  });

  it('runs nothing while CRON_DISABLED is set, says so, and asks the database for nothing', async () => {
    await open(job('a', { runEveryMins: 5 }));
    vi.stubEnv('CRON_DISABLED', '1');
    const { onEvent, events } = recordEvents();
    for (const options of [{}, { force: true }, { dryRun: true }]) {
      expect(await tick({ ...options, onEvent })).toEqual(['a not_due: CRON_DISABLED=1: all jobs are off']);
    }
    expect(host.statements()).toEqual([]);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(3);
    vi.stubEnv('CRON_DISABLED', 'of course');
    await expect(tick()).rejects.toThrow('CRON_DISABLED "of course" is not allowed');
  });

  it('reports a job whose calendar fails as broken, and runs the others', async () => {
    const holidays = () => {
      throw new Error('no such region');
    };
    await open(job('broken', { runEveryMins: 5, except: holidays }), job('good', { runEveryMins: 5 }));
    expect(await tick()).toEqual([
      expect.stringMatching(
        /^broken broken: could not be run: Schedule: except the function holidays fails for '2026-06-01': no such region/,
      ),
      'good succeeded: no earlier success',
    ]);
    expect((await tick({ dryRun: true }))[0]).toMatch(/^broken broken: /);
  });
});
