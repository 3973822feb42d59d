import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStreaks } from '../../src/history/readStreaks.ts';
import { cron, cronEntities, defineCronJob, Schedule } from '../../src/index.ts';
import { readNotifierStates } from '../../src/notices/notifierState.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const JOBS = 20;

const ROWS = 100_000;

const START = Date.parse('2026-01-01T00:00:00Z');

const minute = (number: number) => new Date(START + number * 60_000);

/** Two jobs have failed ever since the last hundred of their runs; a run a minute, the jobs by turns. */
const isFailed = (number: number) => number % JOBS < 2 && number >= ROWS - 100 * JOBS;

describeDrivers('the statements of a check over 100,000 rows', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  const statements: string[] = [];

  beforeAll(async () => {
    database = await driver.create();
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    orm = await database.init({
      entities: cronEntities,
      extensions: [cron({ jobs: [job] })],
      debug: ['query', 'query-params'],
      colors: false,
      logger: message => statements.push(message.replace(/^\[query\] /, '').replace(/ \[took .*$/s, '')),
    });
    await fill(database);
    await database.sql(driver.analyze);
  }, 120_000);
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  it('read the ends of indexes, not the log', async () => {
    const jobs = Array.from({ length: JOBS }, (_, index) => ({ code: `job_${index}`, minNumFailures: 10 }));
    await orm.connect();
    statements.length = 0;
    const window = { since: minute(ROWS - 30), now: minute(ROWS) };
    const streaks = await readStreaks(orm.em.fork(), jobs, window);
    expect([...streaks.keys()].sort()).toEqual(['job_0', 'job_1']);
    await readNotifierStates(orm.em.fork(), 'job_2', minute(ROWS));
    expect(statements).toHaveLength(3);
    for (const statement of statements.slice(0, 2)) {
      const plan = await database.sql(`${driver.explain} ${statement}`);
      expect(tooMuch(plan, 100)).toEqual([]);
    }
  });
});

/** The steps of a plan that read the whole log or a whole index of it, or more of its rows than this. */
function tooMuch(plan: Record<string, unknown>[], most: number): string[] {
  return plan
    .map(step => JSON.stringify(step))
    .filter(step => {
      const rows = /(?:actual rows=|"r_rows":")([\d.]+)/.exec(step)?.[1];
      return Number(rows ?? 0) > most || /SCAN [fbr]\b|Seq Scan/.test(step);
    });
}

async function fill({ sql, dialect }: DriverDatabase): Promise<void> {
  for (let from = 0; from < ROWS; from += 5_000) {
    const values = Array.from({ length: 5_000 }, (_, index) => {
      const number = from + index;
      const started = dialect.instant(String(minute(number).getTime()));
      return `('job_${number % JOBS}', ${started}, ${started}, '${isFailed(number) ? 'failed' : 'succeeded'}', 'm', 'h', 1)`;
    });
    await sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, host, pid) values ${values.join(', ')}`,
    );
  }
}
