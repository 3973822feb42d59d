import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cronEntities, Schedule } from '../../src/index.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { Claimant, closeOf, LosingConnection } from '../helpers/claims.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const SLOT = '2026-03-01T10:00:00Z';

describeDrivers('what a claim decides', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  let one: Claimant;
  let other: Claimant;
  let losing: LosingConnection;
  const statements: string[] = [];
  const clock = new SettableClock(SLOT);
  const instant = (iso: string) => database.dialect.instant(String(Date.parse(iso)));

  beforeAll(async () => {
    database = await driver.create();
    orm = await database.init({
      entities: cronEntities,
      debug: ['query'],
      colors: false,
      logger: message => void statements.push(message),
    });
    const schedule = new Schedule({ cron: '0 10 * * *', startingDeadlineMins: 60 });
    losing = new LosingConnection(orm);
    one = new Claimant(orm, { clock, schedule, connection: losing });
    other = new Claimant(orm, { clock, schedule });
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
    clock.set('2026-03-01T10:00:30Z');
  });
  afterAll(async () => {
    await one?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const rows = async () =>
    (
      await database.sql<{ status: string; id: number | string }>('select id, status from cron_job_log order by id')
    ).map(({ id, status }) => ({ id: Number(id), status }));
  const statuses = async () => (await rows()).map(({ status }) => status);
  const owner = async () =>
    (await database.sql<{ owner: string | null }>('select owner from cron_job_lock'))[0]?.owner ?? null;

  it('is decided again when the guard has changed since the reading: a served slot is not run twice', async () => {
    const reading = await one.read('a');
    const request = one.request('a', reading);
    expect(request.decision).toMatchObject({ due: true, scheduledFor: new Date(SLOT) });
    await other.closes.close(closeOf(await other.mustClaim('a')), 5);
    expect(await one.send(request)).toMatchObject({ kind: 'not_due', decision: { due: false } });
    expect(await statuses()).toEqual(['succeeded']);
    expect(await owner()).toBeNull();
  });

  it('is decided again also by a job that has been claimed before', async () => {
    await one.closes.close(closeOf(await one.mustClaim('a')), 5);
    clock.set('2026-03-02T10:00:30Z');
    const request = one.request('a', await one.read('a'));
    expect(request.decision.due).toBe(true);
    await other.closes.close(closeOf(await other.mustClaim('a')), 5);
    expect(await one.send(request)).toMatchObject({ kind: 'not_due' });
    expect(await statuses()).toEqual(['succeeded', 'succeeded']);
  });

  it('is decided again when only a close has come between, which raises no fence', async () => {
    const run = await other.mustClaim('a');
    // Read while the run is live: the fence is the same before and after its close.
    const request = one.request('a', await one.read('a'));
    await other.closes.close(closeOf(run), 5);
    expect(await one.send(request)).toMatchObject({ kind: 'not_due' });
    expect(await statuses()).toEqual(['succeeded']);
  });

  it('is to run after all when the run in between has failed, with the history as it is now', async () => {
    const request = one.request('a', await one.read('a'));
    await other.closes.close(closeOf(await other.mustClaim('a'), { status: 'failed' }), 5);
    clock.advance(60);
    const result = await one.send(request);
    expect(result).toMatchObject({ kind: 'claimed', fence: 2, decision: { scheduledFor: new Date(SLOT) } });
    expect(await statuses()).toEqual(['failed', 'running']);
  });

  it('is nobody’s to decide while another run is live', async () => {
    const request = one.request('a', await one.read('a'));
    const run = await other.mustClaim('a');
    expect((await one.send(request)).kind).toBe('locked');
    expect(await statuses()).toEqual(['running']);
    expect(await owner()).toBe(run.token);
  });

  it('closes orphans first: an outcome that lands late finds its row closed', async () => {
    const dead = await one.mustClaim('a');
    clock.set('2026-03-01T10:10:00Z');
    statements.length = 0;
    const next = await other.mustClaim('a');
    expect(next.abandoned).toMatchObject([{ id: dead.log.id, status: 'abandoned' }]);
    const [closing, reading, inserting] = [/set status = 'abandoned'/, /has_running/, /insert into .cron_job_log/].map(
      pattern => statements.findLastIndex(statement => pattern.test(statement)),
    );
    expect(closing).toBeGreaterThan(-1);
    expect(reading).toBeGreaterThan(closing!);
    expect(inserting).toBeGreaterThan(reading!);
    expect(await one.closes.close(closeOf(dead), 1)).toEqual({ isWritten: false, isReleased: false });
    expect(await statuses()).toEqual(['abandoned', 'running']);
    expect(await other.closes.close(closeOf(next), 1)).toEqual({ isWritten: true, isReleased: true });
    expect(await statuses()).toEqual(['abandoned', 'succeeded']);
  });

  it('closes orphans of a job that is not due any more, and leaves its lock free', async () => {
    const dead = await one.mustClaim('a');
    clock.set('2026-03-01T12:00:00Z');
    expect(await other.claim('a')).toMatchObject({
      kind: 'not_due',
      abandoned: [{ id: dead.log.id, status: 'abandoned' }],
    });
    expect(await statuses()).toEqual(['abandoned']);
    expect((await other.read('a')).holder).toBeNull();
  });

  it('sees the lock of version 0.1.0, which knows no fence, while it is held', async () => {
    await one.closes.close(closeOf(await one.mustClaim('a')), 5);
    clock.set('2026-03-02T10:00:30Z');
    const request = one.request('a', await one.read('a'));
    await database.sql(
      `update cron_job_lock set owner = 'old', locked_at = ${instant('2026-03-02T10:00:31Z')}, locked_until = ${instant('2026-03-02T10:05:31Z')}`,
    );
    expect((await one.send(request)).kind).toBe('locked');
    expect(await statuses()).toEqual(['succeeded']);
  });

  it('sees that version 0.1.0 has run the job since, though owner and fence are the same again', async () => {
    await one.closes.close(closeOf(await one.mustClaim('a')), 5);
    clock.set('2026-03-02T10:00:30Z');
    const request = one.request('a', await one.read('a'));
    const at = instant('2026-03-02T10:00:31Z');
    await database.sql(
      `update cron_job_lock set owner = null, locked_at = ${at}, locked_until = ${instant('2026-03-02T10:05:31Z')}`,
    );
    await database.sql(
      `insert into cron_job_log (code, start_time, end_time, status, message, scheduled_for, host, pid)` +
        ` values ('a', ${at}, ${at}, 'succeeded', '', ${instant('2026-03-02T10:00:00Z')}, 'old', 1)`,
    );
    clock.set('2026-03-02T10:00:40Z');
    expect(await one.send(request)).toMatchObject({ kind: 'not_due' });
    expect(await statuses()).toEqual(['succeeded', 'succeeded']);
  });

  it('is the same again when a claim is repeated: its own run, once', async () => {
    const request = one.request('a', await one.read('a'));
    const first = await one.send(request);
    const again = await one.send(request);
    expect(again).toMatchObject({ kind: 'claimed', token: request.token, fence: 1, decision: { due: true } });
    expect(first).toMatchObject({ kind: 'claimed' });
    expect([again, first].map(result => result.kind === 'claimed' && result.log.id)).toEqual([
      (await rows())[0]!.id,
      (await rows())[0]!.id,
    ]);
    expect(again).toMatchObject({
      log: { startTime: new Date('2026-03-01T10:00:30Z'), scheduledFor: new Date(SLOT), status: 'running', fence: 1 },
    });
    expect(await statuses()).toEqual(['running']);
  });

  it.each([1, 2])('finds its own run when %i answers to its claim were lost', async losses => {
    const request = one.request('a', await one.read('a'));
    for (let loss = 0; loss < losses; loss++) {
      losing.loseNext();
    }
    const run = await one.send(request);
    expect(run).toMatchObject({ kind: 'claimed', token: request.token, fence: 1 });
    expect(await statuses()).toEqual(['running']);
    expect(run.kind === 'claimed' && (await one.closes.close(closeOf(run), 5))).toEqual({
      isWritten: true,
      isReleased: true,
    });
  });

  it('is another’s when the lease of a claim whose answer was lost has ended meanwhile', async () => {
    const request = one.request('a', await one.read('a'), { leaseSeconds: 60 });
    losing.loseNext(async () => {
      clock.set('2026-03-01T10:03:00Z');
      await other.closes.close(closeOf(await other.mustClaim('a')), 5);
    });
    expect(await one.send(request)).toMatchObject({ kind: 'not_due' });
    expect(await statuses()).toEqual(['abandoned', 'succeeded']);
  });

  it('is not ours when a lock elsewhere was flushed and somebody else has claimed since the reading', async () => {
    const elsewhere = { isLockedElsewhere: true };
    const request = one.request('a', await one.read('a'), elsewhere);
    const late = one.request('b', await one.read('b'), elsewhere);
    await other.closes.close(closeOf(await other.mustClaim('a', elsewhere)), 5);
    const live = await other.mustClaim('b', elsewhere);
    expect((await one.send(request)).kind).not.toBe('claimed');
    expect((await one.send(late)).kind).toBe('locked');
    expect(await statuses()).toEqual(['succeeded', 'running']);
    expect(await other.closes.close(closeOf(live), 5)).toMatchObject({ isWritten: true });
  });

  it('takes over from a holder whose lock elsewhere was flushed, who then closes nothing', async () => {
    const elsewhere = { isLockedElsewhere: true };
    const flushed = await one.mustClaim('a', elsewhere);
    const next = await other.mustClaim('a', elsewhere);
    expect(next.fence).toBe(flushed.fence + 1);
    expect(next.abandoned).toMatchObject([{ id: flushed.log.id }]);
    expect(await one.closes.close(closeOf(flushed), 1)).toEqual({ isWritten: false, isReleased: false });
    expect(await other.closes.close(closeOf(next), 1)).toMatchObject({ isWritten: true });
    expect(await statuses()).toEqual(['abandoned', 'succeeded']);
  });
});
