import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cronEntities } from '../../src/index.ts';
import { DatabaseLock } from '../../src/lock/DatabaseLock.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const RACER = fileURLToPath(new URL('../fixtures/racer.ts', import.meta.url));
const PROCESSES = 4;
const ROUNDS = 3;

describeDrivers('the database lock', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  const clock = new SettableClock('2026-03-01T10:00:00Z');

  beforeAll(async () => {
    database = await driver.create();
    orm = await database.init({ entities: cronEntities });
  });
  beforeEach(async () => {
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
  });
  afterAll(async () => {
    await orm?.close(true);
    await database?.[Symbol.asyncDispose]();
  });

  const lock = (code = 'a', lockClock?: SettableClock) =>
    new DatabaseLock(code, orm, { lockTimeSeconds: 300, clock: lockClock });

  it('is one taker’s, by the database’s time, and free again after its release', async () => {
    const [one, other] = [lock(), lock()];
    expect([await one.lock(), await other.lock()]).toEqual([true, false]);
    const holder = await other.holder();
    expect(holder).toMatchObject({ pid: process.pid });
    expect(Math.abs(holder!.since.getTime() - Date.now())).toBeLessThan(5_000);
    await other.release();
    expect(await other.lock()).toBe(false);
    await one.release();
    expect(await other.holder()).toBeNull();
    expect([await other.lock(), await one.lock()]).toEqual([true, false]);
  });

  it('ends with its lease, and then its holder can neither renew nor release it', async () => {
    const [one, other] = [lock('a', clock), lock('a', clock)];
    await one.lock();
    clock.set('2026-03-01T10:04:00Z');
    expect(await one.renew()).toBe(true);
    clock.set('2026-03-01T10:08:59.999Z');
    expect(await other.lock()).toBe(false);
    clock.set('2026-03-01T10:09:00Z');
    expect(await other.lock()).toBe(true);
    expect(await one.renew()).toBe(false);
    await one.release();
    expect(await other.holder()).toMatchObject({
      since: new Date('2026-03-01T10:09:00Z'),
      until: new Date('2026-03-01T10:14:00Z'),
    });
  });

  it('can be freed by anybody who insists, who learns whose it was', async () => {
    const [one, other] = [lock(), lock()];
    await one.lock();
    expect(await other.forceRelease()).toMatchObject({ pid: process.pid });
    expect(await other.forceRelease()).toBeNull();
    expect(await one.renew()).toBe(false);
    expect(await other.lock()).toBe(true);
  });

  it.each([
    ['in case', 'Import', 'import'],
    ['in an accent', 'dně', 'dne'],
    ['in width', 'ａ', 'a'],
    ['in their last character', 'x'.repeat(63) + 'a', 'x'.repeat(63) + 'b'],
    ['in emoji', '🌍'.repeat(64), '🌎'.repeat(64)],
    ['in quotes and slashes', `../a'"\`\\%_?`, `../a'"\`\\%_`],
  ])('keeps apart codes that differ only %s', async (_, first, second) => {
    expect([await lock(first).lock(), await lock(second).lock()]).toEqual([true, true]);
    expect([await lock(first).lock(), await lock(second).lock()]).toEqual([false, false]);
  });

  it('goes to one of many that take it at once, whether its row is there or not', async () => {
    const orms = await Promise.all(Array.from({ length: 4 }, () => database.init({ entities: cronEntities })));
    try {
      for (let round = 0; round < 20; round++) {
        const attempts = orms.flatMap(each =>
          Array.from({ length: 4 }, () => new DatabaseLock('a', each, { lockTimeSeconds: 300, clock: undefined })),
        );
        const taken = await Promise.all(attempts.map(attempt => attempt.lock()));
        expect(taken.filter(Boolean)).toHaveLength(1);
        if (round % 2 === 0) {
          await attempts[taken.indexOf(true)]?.release();
        } else {
          await database.sql('delete from cron_job_lock');
        }
      }
    } finally {
      await Promise.all(orms.map(each => each.close(true)));
    }
  });

  it.runIf(driver.package)(
    `lets ${PROCESSES} processes that tick twenty due jobs at once run each job once`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const env = { driver: driver.package, connection: database.connection, round: `round${round}` };
        const racers = await Promise.all(Array.from({ length: PROCESSES }, () => startRacer(env)));
        const results = await Promise.all(racers.map(go => go()));
        expect(results.flatMap(({ broken }) => broken)).toEqual([]);
        expect(results.reduce((sum, { ran }) => sum + ran, 0)).toBe(20);
      }
      const rows = await database.sql<{ code: string }>(`select code from cron_job_log where status = 'succeeded'`);
      expect(rows).toHaveLength(20 * ROUNDS);
      expect(new Set(rows.map(({ code }) => code)).size).toBe(20 * ROUNDS);
    },
  );
});

/** Starts a racer and waits until it is ready; what is returned lets it go. */
async function startRacer(env: object): Promise<() => Promise<{ ran: number; broken: string[] }>> {
  const child = spawn(process.execPath, [RACER], {
    env: { ...process.env, VITEST: undefined, RACER: JSON.stringify(env) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return async () => {
    const ended = once(child, 'exit');
    child.stdin.end('go\n');
    const { value } = await lines.next();
    await ended;
    return JSON.parse(value ?? '{"ran":0,"broken":["it died"]}');
  };
}
