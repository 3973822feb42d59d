import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ClaimResult } from '../../src/claim/Claim.ts';
import { cronEntities, databaseLock, defineCronJob, Schedule } from '../../src/index.ts';
import { openLocks } from '../../src/lock/HostLocks.ts';
import { SettableClock } from '../../src/testing/index.ts';
import { Claimant, closeOf } from '../helpers/claims.ts';
import { describeDrivers, type DriverDatabase } from '../helpers/drivers.ts';

const RACER = fileURLToPath(new URL('../fixtures/racer.ts', import.meta.url));
const PROCESSES = 4;
const ROUNDS = 3;

describeDrivers('a claim', driver => {
  let database: DriverDatabase;
  let orm: SqlMikroORM;
  let one: Claimant;
  let other: Claimant;
  const clock = new SettableClock('2026-03-01T10:00:00Z');

  beforeAll(async () => {
    database = await driver.create();
    orm = await database.init({ entities: cronEntities });
    [one, other] = [new Claimant(orm), new Claimant(orm)];
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

  const kinds = (results: readonly ClaimResult[]) => results.map(({ kind }) => kind).toSorted();
  const rows = () =>
    database.sql<{ status: string; fence: number }>(
      `select status, ${database.dialect.concat('fence', "''")} as fence from cron_job_log order by id`,
    );

  it('is one taker’s, by the database’s time, and free again after its close', async () => {
    const run = await one.mustClaim('a');
    const refused = await other.claim('a');
    expect(refused).toMatchObject({ kind: 'locked' });
    const { holder } = await other.read('a');
    expect(holder).toMatchObject({ pid: process.pid });
    expect(Math.abs(holder!.since.getTime() - Date.now())).toBeLessThan(5_000);
    expect(Math.abs(run.log.startTime.getTime() - Date.now())).toBeLessThan(5_000);
    expect((await other.claim('a')).kind).toBe('locked');
    expect(await one.closes.close(closeOf(run), 5)).toEqual({ isWritten: true, isReleased: true });
    expect((await other.read('a')).holder).toBeNull();
    expect([(await other.claim('a')).kind, (await one.claim('a')).kind]).toEqual(['claimed', 'locked']);
  });

  it('ends with its lease, and then its holder can neither renew nor release it', async () => {
    await using first = new Claimant(orm, { clock });
    await using second = new Claimant(orm, { clock });
    clock.set('2026-03-01T10:00:00Z');
    const lease = first.lease(await first.mustClaim('a'));
    clock.set('2026-03-01T10:04:00Z');
    expect(await lease.renew!()).toBe(true);
    clock.set('2026-03-01T10:08:59.999Z');
    expect((await second.claim('a')).kind).toBe('locked');
    clock.set('2026-03-01T10:09:00Z');
    expect((await second.claim('a')).kind).toBe('claimed');
    expect(await lease.renew!()).toBe(false);
    await lease.release();
    expect((await second.read('a')).holder).toMatchObject({
      since: new Date('2026-03-01T10:09:00Z'),
      until: new Date('2026-03-01T10:14:00Z'),
    });
  });

  it('can be freed by anybody who insists, who learns whose it was', async () => {
    const settings = {
      lockTimeSeconds: 300,
      clock: undefined,
      caches: {},
      cacheName: 'default',
      lockFilePath: undefined,
    };
    const locks = openLocks(databaseLock(), orm, settings, one.connection);
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const lease = one.lease(await one.mustClaim('a'));
    expect(await locks.forceRelease!(job)).toMatchObject({ pid: process.pid });
    expect(await locks.forceRelease!(job)).toBeNull();
    expect(await lease.renew!()).toBe(false);
    expect((await other.claim('a')).kind).toBe('claimed');
  });

  it.each([
    ['in case', 'Import', 'import'],
    ['in an accent', 'dně', 'dne'],
    ['in width', 'ａ', 'a'],
    ['in their last character', 'x'.repeat(63) + 'a', 'x'.repeat(63) + 'b'],
    ['in emoji', '🌍'.repeat(64), '🌎'.repeat(64)],
    ['in quotes and slashes', `../a'"\`\\%_?`, `../a'"\`\\%_`],
  ])('keeps apart codes that differ only %s, one by one and together', async (_, first, second) => {
    const claimBoth = async (claimant: Claimant) => [await claimant.claim(first), await claimant.claim(second)];
    expect(kinds(await claimBoth(one))).toEqual(['claimed', 'claimed']);
    expect(kinds(await claimBoth(other))).toEqual(['locked', 'locked']);
    await database.sql('delete from cron_job_log');
    await database.sql('delete from cron_job_lock');
    const requests = [];
    for (const code of [first, second]) {
      requests.push(one.request(code, await one.read(code)));
    }
    const results = await one.claimer.claim(requests);
    expect([results.get(first), results.get(second)]).toMatchObject([
      { kind: 'claimed', log: { code: first }, token: requests[0]!.token },
      { kind: 'claimed', log: { code: second }, token: requests[1]!.token },
    ]);
    expect(kinds(await claimBoth(other))).toEqual(['locked', 'locked']);
  });

  it('goes to one of many that claim at once, whether its row is there or not', async () => {
    const orms = await Promise.all(Array.from({ length: 4 }, () => database.init({ entities: cronEntities })));
    const claimants = orms.flatMap(each => Array.from({ length: 4 }, () => new Claimant(each)));
    try {
      for (let round = 0; round < 20; round++) {
        const results = await Promise.all(claimants.map(claimant => claimant.claim('a')));
        const taken = results.filter(result => result.kind === 'claimed');
        expect(taken).toHaveLength(1);
        expect(kinds(results)).toEqual(['claimed', ...Array.from({ length: 15 }, () => 'locked')]);
        if (round % 2 === 0) {
          await one.closes.close(closeOf(taken[0]!), 5);
        } else {
          await database.sql('delete from cron_job_lock');
        }
      }
    } finally {
      await Promise.all(claimants.map(claimant => claimant[Symbol.asyncDispose]()));
      await Promise.all(orms.map(each => each.close(true)));
    }
    expect((await rows()).filter(({ status }) => status === 'running')).toHaveLength(1);
  });

  it('raises the fence each time, by every way to a lock and in row and log alike', async () => {
    const fences: number[] = [];
    const note = async (fence: number) => {
      const [row] = await database.sql<{ fence: number | string }>('select fence from cron_job_lock');
      expect(Number(row!.fence)).toBe(fence);
      fences.push(fence);
    };
    for (const ending of ['close', 'death', 'elsewhere', 'force', 'close', 'release']) {
      const run = await one.mustClaim('a', { isLockedElsewhere: ending === 'elsewhere' });
      await note(run.fence);
      expect(run.log.fence).toBe(run.fence);
      if (ending === 'close' || ending === 'elsewhere') {
        await one.closes.close(closeOf(run), 5);
      } else if (ending === 'release') {
        await one.lease(run).release();
      } else {
        const owner = ending === 'force' ? 'owner = null' : 'owner = owner';
        await database.sql(`update cron_job_lock set ${owner}, locked_until = ${database.dialect.instant('0')}`);
      }
    }
    expect(fences).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await rows()).map(({ fence }) => Number(fence))).toEqual(fences);
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
      const succeeded = await database.sql<{ code: string }>(
        `select code from cron_job_log where status = 'succeeded'`,
      );
      expect(succeeded).toHaveLength(20 * ROUNDS);
      expect(new Set(succeeded.map(({ code }) => code)).size).toBe(20 * ROUNDS);
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
