import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/sql';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CronJobBase, defineCronJob, Schedule } from '../../src/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';
import { createTestHost, recordEvents, type TestHost } from '../helpers/host.ts';

/** What a job leaves behind on its connection: statements, or something in code. */
type Deed = readonly string[] | ((em: EntityManager) => Promise<unknown>);

const POSTGRES: Record<string, Deed> = {
  'search_path elsewhere': ['create schema if not exists tenant1', 'set search_path to tenant1'],
  'search_path to nothing': [`select set_config('search_path', '', false)`],
  'a role without rights': [
    `do $$ begin create role nobody_at_all; exception when duplicate_object then null; end $$`,
    'set role nobody_at_all',
  ],
  'a session user without rights': [
    `do $$ begin create role nobody_at_all; exception when duplicate_object then null; end $$`,
    'set session authorization nobody_at_all',
  ],
  statement_timeout: [`set statement_timeout = '1ms'`],
  lock_timeout: [`set lock_timeout = '1ms'`],
  idle_in_transaction_session_timeout: [`set idle_in_transaction_session_timeout = '1ms'`],
  transaction_timeout: [`set transaction_timeout = '1ms'`],
  'read only': ['set default_transaction_read_only = on'],
  'serializable by default': [`set default_transaction_isolation = 'serializable'`],
  'session characteristics': ['set session characteristics as transaction isolation level serializable, read only'],
  'time zone': [`set timezone = 'America/St_Johns'`],
  datestyle: [`set datestyle = 'SQL, DMY'`],
  intervalstyle: [`set intervalstyle = 'postgres_verbose'`],
  extra_float_digits: ['set extra_float_digits = -15'],
  'strings with backslashes': ['set standard_conforming_strings = off'],
  'row_security off': ['set row_security = off'],
  'quiet errors': ['set client_min_messages = error'],
  'replication role': [`set session_replication_role = 'replica'`],
  'an open transaction': ['begin'],
  'an open transaction with a write': ['begin', 'create table left_open (id int)'],
  'a read only transaction': ['begin read only'],
  'an old snapshot': ['begin isolation level serializable', 'select count(*) from cron_job_log'],
  'a failed transaction': ['begin', 'select 1 / 0'],
  'a leaked em.begin()': em => em.begin(),
  'a leaked em.begin() that has failed': async em => {
    await em.begin();
    await em.execute('select 1 / 0').catch(() => undefined);
  },
  'a temporary table of our log’s name': ['create temporary table cron_job_log (id int)'],
  'a temporary table of our locks’ name': ['create temporary table cron_job_lock (code text)'],
  'a prepared statement': ['prepare cron as select 1'],
  'a cursor': ['begin', 'declare c cursor with hold for select 1', 'commit'],
  'an advisory lock': ['select pg_advisory_lock(1)'],
  'a channel': ['listen cron'],
};

const MYSQL: Record<string, Deed> = {
  'an empty sql_mode': [`set sql_mode = ''`],
  NO_BACKSLASH_ESCAPES: [`set sql_mode = 'NO_BACKSLASH_ESCAPES'`],
  ANSI_QUOTES: [`set sql_mode = 'ANSI_QUOTES'`],
  'the mode of another database': [`set sql_mode = 'ORACLE'`],
  'no autocommit': ['set autocommit = 0'],
  safe_updates: ['set sql_safe_updates = 1', 'set sql_select_limit = 1'],
  'read only': ['set session transaction read only'],
  serializable: ['set session transaction isolation level serializable'],
  'time zone': [`set time_zone = '-03:30'`],
  'a time that stands still': ['set timestamp = 1000000000'],
  charset: ['set names latin1'],
  'locked tables': ['lock tables mysql.user read'],
  'another database': ['create database if not exists elsewhere', 'use elsewhere'],
  'an open transaction': ['begin'],
  'a read only transaction': ['start transaction read only'],
  'an old snapshot': ['start transaction with consistent snapshot', 'select count(*) from cron_job_log'],
  'a leaked em.begin()': em => em.begin(),
  'lock waits': ['set innodb_lock_wait_timeout = 1', 'set lock_wait_timeout = 1'],
  max_statement_time: ['set max_statement_time = 0.000001'],
  'a temporary table of our log’s name': ['create temporary table cron_job_log (id int)'],
  'a temporary table of our locks’ name': ['create temporary table cron_job_lock (code int)'],
  'a user lock': [`select get_lock('cron', 0)`],
};

const SQLITE: Record<string, Deed> = {
  query_only: ['pragma query_only = on'],
  'no foreign keys': ['pragma foreign_keys = off'],
  'deferred keys': ['pragma defer_foreign_keys = on'],
  'no checks': ['pragma ignore_check_constraints = on'],
  'odd orders': ['pragma reverse_unordered_selects = on'],
  'no wait': ['pragma busy_timeout = 0'],
  locking_mode: ['pragma locking_mode = exclusive'],
  'like with case': ['pragma case_sensitive_like = on'],
  'short pages of rows': ['pragma max_page_count = 1'],
  'an open transaction': ['begin'],
  'an open reading': ['begin', 'select count(*) from cron_job_log'],
  'an open write': ['begin immediate'],
  'an open exclusive transaction': ['begin exclusive'],
  'a leaked em.begin()': em => em.begin(),
  'a savepoint': ['savepoint s'],
  'an attached database': [`attach ':memory:' as tenant`],
  'a temporary table of our log’s name': ['create temporary table cron_job_log (id int)'],
  'a temporary table of our locks’ name': ['create temporary table cron_job_lock (code text)'],
};

const deeds = (driver: string): Record<string, Deed> =>
  driver.startsWith('SQLite') ? SQLITE : driver.startsWith('MariaDB') ? MYSQL : POSTGRES;

/** A heartbeat comes at a third of it. */
const LEASE_SECONDS = 1.5;

describeDrivers('what a job leaves behind on its connection', driver => {
  let database: DriverDatabase;
  let app: TestHost | undefined;

  beforeAll(async () => {
    database = await driver.create();
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterEach(async () => {
    await app?.[Symbol.asyncDispose]();
    app = undefined;
    // The onlooker shares the one session there.
    for (const statement of driver.name === 'PGlite'
      ? ['rollback', 'reset session authorization', 'discard all']
      : []) {
      await database.sql(statement);
    }
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  const hasOneSession = /PGlite|SQLite/.test(driver.name);
  const job = (code: string, does: CronJobBase['do']) =>
    defineCronJob({ code, schedule: new Schedule({ runEveryMins: 0 }), do: does });

  async function tick(deed: Deed, concurrency = 1): Promise<{ outcomes: string[]; troubles: string[] }> {
    const jobs = [
      job('a', async ({ em }) => {
        for (const statement of typeof deed === 'function' ? [] : deed) {
          await em.execute(statement).catch((error: unknown) => {
            if (!String(error).includes('division by zero')) {
              throw error;
            }
          });
        }
        await (typeof deed === 'function' ? deed(em) : undefined);
        // Heartbeats while the session is as the job wants it.
        await delay(LEASE_SECONDS * 400);
        return 'ran';
      }),
      job('b', async ({ em }) => {
        // Elsewhere the host's pool is the host's own to keep.
        if (hasOneSession) {
          await em.transactional(async own => own.execute('update cron_job_lock set pid = pid'));
        }
        return 'ran';
      }),
    ];
    app = await createTestHost(
      database,
      { jobs, lockTimeSeconds: LEASE_SECONDS, concurrency, logErrors: false },
      {
        pool: { min: 0, max: 1 },
      },
    );
    const { events, onEvent } = recordEvents();
    const { jobs: reports } = await app.runner.run({ onEvent });
    return {
      outcomes: reports.map(({ job: { code }, outcome, reason, error }) =>
        outcome === 'succeeded' ? `${code} ${outcome}` : `${code} ${outcome}: ${reason} ${String(error)}`,
      ),
      troubles: events.flatMap(event =>
        event.type === 'warning' ? [event.message] : event.type === 'lockLost' ? [String(event.error)] : [],
      ),
    };
  }

  it.each(Object.entries(deeds(driver.name)))('reaches nothing of ours: %s', async (_, deed) => {
    expect(await tick(deed)).toEqual({ outcomes: ['a succeeded', 'b succeeded'], troubles: [] });
    await app![Symbol.asyncDispose]();
    app = undefined;
    expect(await database.sql('select code, status, message from cron_job_log order by code')).toEqual([
      { code: 'a', status: 'succeeded', message: 'ran' },
      { code: 'b', status: 'succeeded', message: 'ran' },
    ]);
    expect(await database.sql('select code from cron_job_lock where owner is not null')).toEqual([]);
  });
});
