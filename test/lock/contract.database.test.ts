import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { describeLocks } from '../helpers/lockBackends.ts';
import { until } from '../helpers/until.ts';

/** A code of its own for every test, since the locks of one do not end before the next begins. */
let number = 0;
const fresh = () => `job ${++number}`;

describeLocks(({ hasLease }, locks) => {
  const { acquire, holder } = locks;

  it('refuses a second taker, at once and without an error', async () => {
    const code = fresh();
    const one = await acquire(code);
    expect(one).not.toBeNull();
    expect(await acquire(code)).toBeNull();
    await one!.release();
  });

  it('gives one of many that ask at the same moment the lock', async () => {
    const code = fresh();
    const taken = (await Promise.all(Array.from({ length: 20 }, () => acquire(code)))).filter(lease => lease !== null);
    expect(taken).toHaveLength(1);
    await taken[0]!.release();
  });

  it('keeps jobs apart', async () => {
    const [one, other] = [await acquire(fresh()), await acquire(fresh())];
    expect([one, other]).not.toContain(null);
    await Promise.all([one!.release(), other!.release()]);
  });

  it('can be taken again after its release, by anybody', async () => {
    const code = fresh();
    for (let taker = 0; taker < 3; taker++) {
      const lease = await acquire(code);
      expect(lease).not.toBeNull();
      await lease!.release();
    }
  });

  it('is not changed by the release of one who does not hold it any more', async () => {
    const code = fresh();
    const one = await acquire(code);
    await one!.release();
    await one!.release();
    const other = await acquire(code);
    expect(other).not.toBeNull();
    await one!.release();
    expect(await acquire(code)).toBeNull();
    await other!.release();
    const third = await acquire(code);
    expect(third).not.toBeNull();
    await one!.release();
    await other!.release();
    expect(await acquire(code)).toBeNull();
    await third!.release();
  });

  it('knows its holder', async () => {
    const code = fresh();
    expect(await holder(code)).toBeNull();
    const one = await acquire(code);
    const found = await holder(code);
    expect(found).toMatchObject({ host: hostname(), pid: process.pid });
    expect(Math.abs(found!.since.getTime() - Date.now())).toBeLessThan(10_000);
    if (hasLease) {
      expect(Math.abs(found!.until!.getTime() - found!.since.getTime() - 300_000)).toBeLessThan(5_000);
    } else {
      expect(found!.until).toBeNull();
    }
    await one!.release();
    expect(await holder(code)).toBeNull();
  });

  it.each([
    'a/../../b',
    '..',
    '/etc/passwd',
    'žluťoučký kůň 🐎',
    'a'.repeat(64),
    '🐎'.repeat(16) + 'x'.repeat(48),
    'it\'s; drop table "cron_job_lock" --',
    'a?b:c%s$1',
    ' ',
    'NUL',
  ])('takes the code %j, and no other for it', async code => {
    const one = await acquire(code);
    expect(one).not.toBeNull();
    expect(await acquire(code)).toBeNull();
    const another = await acquire(`${code.slice(0, 60)}~`);
    expect(another).not.toBeNull();
    expect(await holder(code)).toMatchObject({ pid: process.pid });
    await Promise.all([one!.release(), another!.release()]);
    const other = await acquire(code);
    expect(other).not.toBeNull();
    await other!.release();
  });

  if (hasLease) {
    it('ends with its lease; then its holder can neither renew nor release what another took', async () => {
      const code = fresh();
      const one = await acquire(code, 0.2);
      const other = await until('the lease has ended', async () => (await acquire(code)) ?? undefined);
      expect(await one!.renew!()).toBe(false);
      await one!.release();
      expect(await acquire(code)).toBeNull();
      await other.release();
    });

    it('lives on while it is renewed', async () => {
      const code = fresh();
      const one = await acquire(code, 1);
      for (const endsAt = Date.now() + 2_000; Date.now() < endsAt;) {
        expect(await one!.renew!()).toBe(true);
        expect(await acquire(code)).toBeNull();
      }
      await one!.release();
    });

    it('cannot be renewed by one who does not hold it', async () => {
      const code = fresh();
      const one = await acquire(code);
      await one!.release();
      expect(await one!.renew!()).toBe(false);
      const other = await acquire(code);
      expect(await one!.renew!()).toBe(false);
      expect(await other!.renew!()).toBe(true);
      await other!.release();
      expect(await other!.renew!()).toBe(false);
    });

    it('can be freed by force, which says whose it was', async () => {
      const code = fresh();
      const one = await acquire(code);
      expect(await locks.forceRelease(code)).toMatchObject({ host: hostname(), pid: process.pid });
      expect(await locks.forceRelease(code)).toBeNull();
      expect(await one!.renew!()).toBe(false);
      const other = await acquire(code);
      expect(other).not.toBeNull();
      await other!.release();
    });
  } else {
    it('has no lease to renew, and cannot be freed by force: it ends with its process', async () => {
      const code = fresh();
      const one = await acquire(code);
      expect([one!.renew, locks.forceRelease(code)]).toEqual([undefined, undefined]);
      await one!.release();
    });
  }
});
