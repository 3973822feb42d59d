import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHistory } from '../../src/history/readHistory.ts';
import { cron, cronEntities, defineCronJob, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const JOBS = 20;
const ROWS = 100_000;
const START = Date.parse('2026-01-01T00:00:00Z');
/** When the row of this number started: one a minute, the jobs by turns. */
const start = (number: number) => new Date(START + number * 60_000);

describeDrivers('the history statement over 100,000 rows', driver => {
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
  }, 120_000);
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const jobs = Array.from({ length: JOBS + 1 }, (_, index) => ({ code: `job_${index}` }));
  const read = () => readHistory(orm.em.fork(), jobs, { clock: undefined, withPreviousSuccess: true });
  const plan = async () => {
    await orm.connect();
    statements.length = 0;
    await read();
    expect(statements).toHaveLength(1);
    return database.sql(`${driver.explain} ${statements[0]}`);
  };

  it('reads the newest run, success and slot of each job', async () => {
    const { jobs } = await read();
    expect(jobs.get('job_0')).toMatchObject({
      lastRun: { startTime: start(ROWS - JOBS), isSuccess: true },
      lastServedSlot: start(ROWS - JOBS),
      previousSuccess: { code: 'job_0', message: 'm', startTime: start(ROWS - JOBS), endTime: start(ROWS - JOBS) },
    });
    expect(jobs.get('job_19')).toMatchObject({
      lastRun: { startTime: start(ROWS - 1), isSuccess: false },
      lastSuccessStart: start(ROWS - 1 - JOBS),
      lastServedSlot: null,
    });
    expect(jobs.get('job_20')).toMatchObject({ lastRun: null, lastSuccessStart: null, hasRunning: false });
  });

  it.runIf(driver.plansWithoutStatistics)('reads no whole table even before there are statistics', async () => {
    expect(tooMuch(await plan(), ROWS / JOBS)).toEqual([]);
  });

  it('reads the tops of its indexes only', async () => {
    await database.sql(driver.analyze);
    expect(tooMuch(await plan(), JOBS + 2)).toEqual([]);
  });
});

/** The steps of a plan, in each database's own words, that read whole tables or indexes, or more rows than this. */
function tooMuch(plan: Record<string, unknown>[], most: number): string[] {
  return plan
    .map(step => JSON.stringify(step))
    .filter(step => {
      const rows = /(?:actual rows=|"r_rows":")([\d.]+)/.exec(step)?.[1];
      return Number(rows ?? 0) > most || /SCAN (?!json_each)|TEMP B-TREE|Seq Scan/.test(step);
    });
}

async function fill({ sql, dialect }: DriverDatabase): Promise<void> {
  for (let from = 0; from < ROWS; from += 5_000) {
    const values = Array.from({ length: 5_000 }, (_, index) => {
      const number = from + index;
      const job = number % JOBS;
      const status = job === 19 && Math.floor(number / JOBS) % 2 === 1 ? 'failed' : 'succeeded';
      const started = dialect.instant(String(start(number).getTime()));
      return `('job_${job}', ${started}, ${started}, ${job === 0 ? started : 'null'}, '${status}', 'm', 'h', 1)`;
    });
    await sql(
      'insert into cron_job_log (code, start_time, end_time, scheduled_for, status, message, host, pid)' +
        ` values ${values.join(', ')}`,
    );
  }
}
