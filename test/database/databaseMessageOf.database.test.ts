import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseMessageOf } from '../../src/database/explainDatabaseError.ts';
import { cronEntities } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

describe('what the database said', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => database[Symbol.asyncDispose]());

  it.each([
    ['select l.statu from cron_job_log l', 'column l.statu does not exist'],
    ['select 1 from cron_job_lo', 'relation "cron_job_lo" does not exist'],
    [`insert into cron_job_lock (code) values (repeat('sEcReT', 50))`, 'value too long for type character varying(64)'],
    [`do $$ begin raise exception E'two\nlines' using hint = 'a hint', detail = 'sEcReT'; end $$`, 'two lines'],
    [`do $$ begin raise exception 'a - b - c'; end $$`, 'a - b - c'],
  ])('at %s is its error, not its hint or detail', async (statement, said) => {
    const orm = await database.init({ entities: cronEntities });
    try {
      const error: unknown = await orm.em
        .fork()
        .execute(statement)
        .catch((caught: unknown) => caught);
      expect(databaseMessageOf(error)).toBe(said);
    } finally {
      await orm.close(true);
    }
  });

  it('has no statement before it', () => {
    expect(databaseMessageOf(new Error("insert into t (a) values ('x - y') - UNIQUE constraint failed: t.a"))).toBe(
      'UNIQUE constraint failed: t.a',
    );
  });
});
