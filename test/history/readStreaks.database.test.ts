import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readStreaks } from '../../src/history/readStreaks.ts';
import { cron, cronEntities, CronJobLog, defineCronJob, type RunStatus, Schedule } from '../../src/index.ts';
import { stateLine, readNotifierStates } from '../../src/notices/notifierState.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const START = Date.parse('2026-03-29T00:00:00Z');

const minute = (number: number) => new Date(START + number * 60_000);

const statuses: Record<string, RunStatus> = {
  '+': 'succeeded',
  x: 'failed',
  t: 'timed_out',
  a: 'abandoned',
  r: 'running',
};

describeDrivers('streaks', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  const statements: string[] = [];

  beforeAll(async () => {
    database = await driver.create();
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    orm = await database.init({
      entities: cronEntities,
      extensions: [cron({ jobs: [job] })],
      debug: ['query'],
      colors: false,
      logger: message => statements.push(message),
    });
  }, 120_000);
  beforeEach(async () => {
    await orm.em.fork().nativeDelete(CronJobLog, {});
  });
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  /** Writes a run a minute, each of the outcome of its letter. */
  const write = async (code: string, outcomes: string, message = '') => {
    const rows = [...outcomes].map((letter, index) => ({
      code,
      status: statuses[letter]!,
      startTime: minute(index),
      endTime: letter === 'r' ? null : minute(index),
      message,
      ranAtTime: null,
      scheduledFor: null,
      host: 'h',
      pid: 1,
    }));
    await orm.em.fork().insertMany(CronJobLog, rows);
  };
  const read = async (least: Record<string, number>, since: number, now: number) => {
    const jobs = Object.entries(least).map(([code, minNumFailures]) => ({ code, minNumFailures }));
    const found = await readStreaks(orm.em.fork(), jobs, { since: minute(since), now: minute(now) });
    return Object.fromEntries(
      [...found].map(([code, streaks]) => [
        code,
        streaks.map(({ failures, firstStart, lastStart, endedAt, runs }) => {
          const number = (date: Date | null) => date && (date.getTime() - START) / 60_000;
          expect(runs.map(({ startTime }) => number(startTime))[0]).toBe(number(lastStart));
          return [failures, number(firstStart), number(lastStart), number(endedAt)];
        }),
      ]),
    );
  };

  it('are told apart by the successes between them, newest first', async () => {
    await write('a', '++xxx+xtx++axx');
    await write('b', '+++++++++');
    await write('c', 'xx+xx+xxr');
    expect(await read({ a: 3, b: 3, c: 3 }, 0, 100)).toEqual({
      a: [
        [3, 11, 13, null],
        [3, 6, 8, 9],
        [3, 2, 4, 5],
      ],
    });
    expect(await read({ a: 3, b: 3, c: 2 }, 4, 100)).toMatchObject({
      c: [
        [2, 6, 7, null],
        [2, 3, 4, 5],
      ],
    });
  });

  it('reach back before the window by as many runs as make one, and no further', async () => {
    await write('a', 'xxxxxxxxxxxx');
    expect(await read({ a: 4 }, 11, 11)).toEqual({ a: [[4, 8, 11, null]] });
    expect(await read({ a: 4 }, 9, 11)).toEqual({ a: [[6, 6, 11, null]] });
    expect(await read({ a: 4 }, 100, 2)).toEqual({});
  });

  it('list their newest runs only', async () => {
    await write('a', 'x'.repeat(50));
    const found = await readStreaks(orm.em.fork(), [{ code: 'a', minNumFailures: 50 }], {
      since: minute(60),
      now: minute(60),
    });
    expect(found.get('a')![0]).toMatchObject({ failures: 50, firstStart: minute(0) });
    expect(found.get('a')![0]!.runs).toHaveLength(20);
  });

  it('are read in one statement when no job has failed, and in two however many have', async () => {
    const least: Record<string, number> = {};
    for (let index = 0; index < 150; index++) {
      least[`job_${index}`] = 2;
      await write(`job_${index}`, '+++++');
    }
    statements.length = 0;
    expect(await read(least, 3, 5)).toEqual({});
    expect(statements).toHaveLength(1);
    await orm.em.fork().nativeUpdate(CronJobLog, {}, { status: 'failed' });
    statements.length = 0;
    expect(Object.keys(await read(least, 3, 5))).toHaveLength(150);
    expect(statements).toHaveLength(2);
  });

  it('of more jobs than one statement takes are all read', async () => {
    const least: Record<string, number> = {};
    const rows = [];
    for (let index = 0; index < 1_200; index++) {
      const code = `job_${index}`;
      least[code] = 1 + (index % 3);
      for (const start of [1, 2, 3]) {
        rows.push({ code, status: 'failed' as const, startTime: minute(start), endTime: minute(start) });
      }
    }
    const rest = { message: '', ranAtTime: null, scheduledFor: null, host: 'h', pid: 1 };
    for (let index = 0; index < rows.length; index += 600) {
      const some = rows.slice(index, index + 600);
      await orm.em.fork().insertMany(
        CronJobLog,
        some.map(row => ({ ...row, ...rest })),
      );
    }
    expect(Object.keys(await read(least, 3, 5))).toHaveLength(1_200);
  });

  it('are remembered by the newest row that has their state', async () => {
    const told = { at: 5, jobs: { a: { failing: { at: 1, first: 2, last: 3 } } } };
    await write('n', 'x', `sent\n${stateLine({ mail: told })}\nError: no`);
    await orm.em.fork().insert(CronJobLog, {
      code: 'n',
      status: 'abandoned',
      startTime: minute(1),
      endTime: minute(2),
      message: '',
      ranAtTime: null,
      scheduledFor: null,
      host: 'h',
      pid: 1,
    });
    const states = await readNotifierStates(orm.em.fork(), 'n', minute(3));
    expect(JSON.parse(JSON.stringify(states))).toEqual({ mail: told });
    expect(await readNotifierStates(orm.em.fork(), 'm', minute(3))).toEqual({});
  });
});
