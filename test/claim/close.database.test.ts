import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ClaimedRun } from '../../src/claim/Claim.ts';
import { type CloseRequest, readClosed } from '../../src/claim/closeRuns.ts';
import { OwnConnection } from '../../src/database/OwnConnection.ts';
import { cronEntities } from '../../src/index.ts';
import { Claimant, closeOf, LateConnection, LosingConnection } from '../helpers/claims.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const WRITTEN = { isWritten: true, isReleased: true };
const NOTHING = { isWritten: false, isReleased: false };

describeDrivers('a close', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  let one: Claimant;
  let other: Claimant;
  let losing: LosingConnection;
  const statements: string[] = [];
  let interrupt: ((statement: string) => void) | undefined;
  let onStatement: ((message: string) => void) | undefined;
  const isSqlite = driver.name === 'SQLite';

  beforeAll(async () => {
    database = await driver.create();
    orm = await database.init({
      entities: cronEntities,
      debug: ['query'],
      colors: false,
      logger: message => {
        statements.push(message);
        onStatement?.(message);
      },
      onQuery: statement => {
        interrupt?.(statement);
        return statement;
      },
    });
    losing = new LosingConnection(orm);
    [one, other] = [new Claimant(orm, { connection: losing }), new Claimant(orm)];
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterAll(async () => {
    await one?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const rows = () =>
    database.sql<{ code: string; status: string; message: string }>(
      'select code, status, message from cron_job_log order by id',
    );
  const owners = async () =>
    (await database.sql<{ owner: string | null }>('select owner from cron_job_lock order by code')).map(
      row => row.owner,
    );
  const claimAll = async (...codes: string[]) => {
    const runs: ClaimedRun[] = [];
    for (const code of codes) {
      runs.push(await one.mustClaim(code));
    }
    return runs;
  };
  /** What this database refuses for its content. */
  const refused: Partial<CloseRequest> = isSqlite
    ? { endTime: new Date(Number.NaN) }
    : { status: 'x'.repeat(17) as 'failed' };

  it.each([
    ['owner', { token: 'somebody else' }],
    ['a newer fence', { fence: 2 }],
    ['an older fence', { fence: 0 }],
  ])('with another %s writes nothing and frees nothing', async (_, changes) => {
    const run = await one.mustClaim('a');
    for (const unlock of [true, false]) {
      expect(await one.closes.close(closeOf({ ...run, ...changes }, { unlock }), 1)).toEqual(NOTHING);
    }
    expect(await rows()).toEqual([{ code: 'a', status: 'running', message: '' }]);
    expect(await owners()).toEqual([run.token]);
    expect(await one.closes.close(closeOf(run), 1)).toEqual(WRITTEN);
    expect(await rows()).toEqual([{ code: 'a', status: 'succeeded', message: 'done' }]);
    expect(await owners()).toEqual([null]);
  });

  it('keeps the lock when it is told to', async () => {
    const run = await one.mustClaim('a');
    expect(await one.closes.close(closeOf(run, { unlock: false, status: 'timed_out' }), 1)).toEqual({
      isWritten: true,
      isReleased: false,
    });
    expect(await rows()).toMatchObject([{ status: 'timed_out' }]);
    expect(await owners()).toEqual([run.token]);
  });

  it('frees the lock of a row that somebody has closed by hand, and leaves that row alone', async () => {
    const run = await one.mustClaim('a');
    await database.sql(`update cron_job_log set status = 'abandoned', message = 'by hand'`);
    expect(await one.closes.close(closeOf(run), 1)).toEqual({ isWritten: false, isReleased: true });
    expect(await rows()).toEqual([{ code: 'a', status: 'abandoned', message: 'by hand' }]);
    expect(await owners()).toEqual([null]);
  });

  it('changes nothing the second time, whatever it says then', async () => {
    const run = await one.mustClaim('a');
    await one.closes.close(closeOf(run), 1);
    const next = await other.mustClaim('a');
    for (const changes of [{}, { status: 'failed', message: 'late' } as const]) {
      expect(await one.closes.close(closeOf(run, changes), 1)).toEqual(NOTHING);
    }
    expect(await rows()).toMatchObject([{ status: 'succeeded', message: 'done' }, { status: 'running' }]);
    expect(await owners()).toEqual([next.token]);
  });

  it('is written once when its answer is lost, and says so', async () => {
    const run = await one.mustClaim('a');
    losing.loseNext();
    expect(await one.closes.close(closeOf(run), 5)).toEqual(WRITTEN);
    expect(await rows()).toEqual([{ code: 'a', status: 'succeeded', message: 'done' }]);
    expect(await owners()).toEqual([null]);
  });

  it('whose answer is lost is known as written also when the next holder has the lock already', async () => {
    const run = await one.mustClaim('a');
    let next: ClaimedRun | undefined;
    losing.loseNext(async () => (next = await other.mustClaim('a')));
    expect(await one.closes.close(closeOf(run), 5)).toEqual(WRITTEN);
    expect(await owners()).toEqual([next!.token]);
    expect(await rows()).toMatchObject([{ status: 'succeeded' }, { status: 'running' }]);
  });

  it('whose answer is lost and that had written nothing is not taken for written', async () => {
    const run = await one.mustClaim('a');
    await database.sql(`update cron_job_log set status = 'abandoned'`);
    losing.loseNext();
    expect(await one.closes.close(closeOf(run), 5)).toMatchObject({ isWritten: false });
    expect(await rows()).toMatchObject([{ status: 'abandoned' }]);
    expect(await owners()).toEqual([null]);
  });

  it('that is carried out late, after it was looked up, is known as written', async () => {
    const late = new LateConnection(orm);
    const slow = new Claimant(orm, { connection: late });
    try {
      const run = await slow.mustClaim('a');
      late.delayNext();
      expect(await slow.closes.close(closeOf(run), 5)).toEqual(WRITTEN);
      expect(await rows()).toEqual([{ code: 'a', status: 'succeeded', message: 'done' }]);
      expect(await owners()).toEqual([null]);
    } finally {
      await slow[Symbol.asyncDispose]();
    }
  });

  it.runIf(isSqlite)('is written whole or not at all when another process wants to write', async () => {
    const run = await one.mustClaim('a');
    // By the same library: locks of files are a process's, and another copy of SQLite would not see them.
    const writer = new OwnConnection(orm);
    await writer.run(async em => em.execute('select 1'));
    const { exec } = await writer.run(async em => {
      const client = (await em.getConnection().getNativeClient()) as { exec(statement: string): unknown };
      return { exec: (statement: string) => client.exec(statement) };
    });
    let tries = 0;
    onStatement = message => {
      if (/update .*cron_job_log/i.test(message) && tries++ === 0) {
        try {
          exec('begin immediate');
          setTimeout(() => exec('rollback'), 20);
        } catch {
          // It has to wait for the close to end.
        }
      }
    };
    try {
      expect(await one.closes.close(closeOf(run), 5)).toEqual(WRITTEN);
    } finally {
      onStatement = undefined;
      await writer.close();
    }
    expect(tries).toBe(1);
    expect(await rows()).toEqual([{ code: 'a', status: 'succeeded', message: 'done' }]);
    expect(await owners()).toEqual([null]);
  });

  it('is found by what it wrote, not by another outcome', async () => {
    const run = await one.mustClaim('a');
    await one.closes.close(closeOf(run), 1);
    const em = orm.em.fork();
    expect(await readClosed(em, closeOf(run))).toEqual(WRITTEN);
    expect(await readClosed(em, closeOf(run, { status: 'failed' }))).toBeUndefined();
    expect(await readClosed(em, closeOf(run, { endTime: new Date(0) }))).toBeUndefined();
  });

  it('goes in one statement with those that end in the same turn, where the database can', async () => {
    const codes = ['a', 'b', 'c', 'd', 'e'];
    const runs = await claimAll(...codes);
    statements.length = 0;
    const isOurs = (statement: string) => !/\b(begin|start transaction|set transaction|commit)\b/i.test(statement);
    const closed = await Promise.all(runs.map(run => one.closes.close(closeOf(run, { message: run.log.code }), 5)));
    expect(closed).toEqual(codes.map(() => WRITTEN));
    const each = driver.name.startsWith('MariaDB') ? 1 : 2;
    expect(statements.filter(isOurs)).toHaveLength(database.dialect.hasWritableWith ? 1 : codes.length * each);
    expect(await rows()).toEqual(codes.map(code => ({ code, status: 'succeeded', message: code })));
    expect(await owners()).toEqual(codes.map(() => null));
  });

  it('says of each in a batch what became of it', async () => {
    const [good, late, kept] = await claimAll('a', 'b', 'c');
    await other.closes.close(closeOf(late!), 5);
    const next = await other.mustClaim('b');
    const closed = await Promise.all([
      one.closes.close(closeOf(good!), 5),
      one.closes.close(closeOf(late!, { status: 'failed' }), 5),
      one.closes.close(closeOf(kept!, { unlock: false, status: 'timed_out' }), 5),
    ]);
    expect(closed).toEqual([WRITTEN, NOTHING, { isWritten: true, isReleased: false }]);
    expect(await owners()).toEqual([null, next.token, kept!.token]);
    expect((await rows()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'timed_out', 'running']);
  });

  it('that the database refuses does not take with it those that end at the same time', async () => {
    const [good, bad, alsoGood] = await claimAll('a', 'b', 'c');
    const closed = await Promise.allSettled([
      one.closes.close(closeOf(good!), 5),
      one.closes.close(closeOf(bad!, refused), 5),
      one.closes.close(closeOf(alsoGood!), 5),
    ]);
    expect(closed).toMatchObject([
      { status: 'fulfilled', value: WRITTEN },
      { status: 'rejected' },
      { status: 'fulfilled', value: WRITTEN },
    ]);
    expect((await rows()).map(({ status }) => status)).toEqual(['succeeded', 'running', 'succeeded']);
    expect(await owners()).toEqual([null, bad!.token, null]);
  });

  it.each([1, 2, 3, 4])(
    'is whole when the database is interrupted at statement %i of those that end together',
    async at => {
      const runs = await claimAll('a', 'b');
      let count = 0;
      interrupt = statement => {
        if (/update .?cron_job_/.test(statement) && ++count === at) {
          throw new Error('SQLITE_BUSY: database is locked');
        }
      };
      try {
        const closed = await Promise.all(runs.map(run => one.closes.close(closeOf(run), 5)));
        expect(closed).toEqual([WRITTEN, WRITTEN]);
      } finally {
        interrupt = undefined;
      }
      expect((await rows()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      expect(await owners()).toEqual([null, null]);
    },
  );

  it('keeps text as it is that this database can hold', async () => {
    const message = `✔ žluťoučký 🐎 '"\\ ? $1 ${'x'.repeat(5_000)}\n\tend`;
    await one.closes.close(closeOf(await one.mustClaim('a'), { message }), 5);
    expect((await rows())[0]?.message).toBe(message);
  });
});
