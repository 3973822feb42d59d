import { type EntityManager, type MikroORM, type Options, wrap } from '@mikro-orm/core';
import { MikroORM as PgliteOrm } from '@mikro-orm/pglite';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';
import { createTestHost } from '../helpers/host.ts';

/** Seconds after which a job ends by itself that nothing else ends. */
const LONG = 4;

describe.each([
  ['SQLite', ':memory:', SqliteOrm],
  ['PGlite', 'memory://', PgliteOrm],
] as const)('a job that awaits nothing but its database, %s, within this process', (name, dbName, Orm) => {
  const database = {
    async init(options: Partial<Options>): Promise<MikroORM> {
      const orm = await (Orm as typeof SqliteOrm).init({ dbName, ...options } as never);
      await orm.schema.create();
      return orm;
    },
  };
  let orm: MikroORM | undefined;
  afterEach(() => {
    orm = undefined;
  });

  const ways: Record<string, (em: SqlEntityManager) => Promise<unknown>> = {
    'em.execute()': async em => em.execute('select 1'),
    'em.find()': async em => em.find(CronJobLog, {}),
    'em.find() of another fork': async em => em.fork().find(CronJobLog, {}),
    'the global em': async () => (orm!.em as EntityManager).find(CronJobLog, {}),
    'em.flush()': async em => {
      const log = await em.findOneOrFail(CronJobLog, { status: 'running' });
      wrap(log).assign({ message: `${log.message}.`.slice(-100) });
      await em.flush();
    },
    'a query builder': async em => em.createQueryBuilder(CronJobLog).getResultList(),
    Kysely: async em =>
      em
        .getKysely()
        .selectFrom('cron_job_log' as never)
        .selectAll()
        .execute(),
    'short transactions': async em => em.transactional(async own => own.execute('select 1')),
    'em.execute() and catches what it throws': async em => em.execute('select 1').catch(() => undefined),
    'em.find() and catches what it throws': async em => em.find(CronJobLog, {}).catch(() => undefined),
  };
  const run = async (act: (em: SqlEntityManager, isLong: () => boolean, signal: AbortSignal) => Promise<unknown>) => {
    let isOver = false;
    await using app = await createTestHost(
      database,
      {
        jobs: [
          defineCronJob({
            code: 'a',
            schedule: new Schedule({ runEveryMins: 0 }),
            timeoutSeconds: 0.3,
            async do({ em, signal }) {
              const end = performance.now() + LONG * 1000;
              await act(em, () => performance.now() >= end, signal);
              isOver = true;
            },
          }),
        ],
        shutdownGraceSeconds: 0.3,
        timeZone: 'UTC',
      },
      { debug: false },
    );
    ({ orm } = app);
    const { jobs } = await app.runner.run();
    return { outcome: jobs[0]?.outcome, isOver };
  };

  // A database of PGlite takes its time to be made.
  it.each(name === 'PGlite' ? ['em.execute()', 'Kysely'] : Object.keys(ways))('is timed out: %s', async way => {
    const ended = await run(async (em, isLong) => {
      while (!isLong()) {
        await ways[way]?.(em);
      }
    });
    expect(ended).toEqual({ outcome: 'timed_out', isOver: false });
  });

  it.skipIf(name === 'PGlite')('is timed out: one long transaction', async () => {
    const ended = await run(async (em, isLong) =>
      em.transactional(async own => {
        while (!isLong()) {
          await own.execute('select 1');
        }
      }),
    );
    expect(ended).toEqual({ outcome: 'timed_out', isOver: false });
  });

  it.skipIf(name === 'PGlite')('is timed out: one long stream', async () => {
    const numbers = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
    const ended = await run(async (em, isLong, signal) => {
      for await (const _ of em.getConnection().stream(numbers)) {
        if (isLong()) {
          return;
        }
        // Whoever streams without em asks the signal, or asks em for something in between.
        signal.throwIfAborted();
      }
    });
    expect(ended).toEqual({ outcome: 'timed_out', isOver: false });
  });
});
