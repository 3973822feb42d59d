import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { describeLocks } from '../helpers/lockBackends.ts';
import { until } from '../helpers/until.ts';

/** A code of its own for every test, since the locks of one do not end before the next begins. */
let number = 0;
const fresh = () => `job ${++number}`;

describeLocks(({ hasLease }, lock) => {
  it('refuses a second taker, at once and without an error', async () => {
    const code = fresh();
    const [one, other] = [lock(code), lock(code)];
    expect(await one.lock()).toBe(true);
    expect(await other.lock()).toBe(false);
    await one.release();
  });

  it('gives one of many that ask at the same moment the lock', async () => {
    const code = fresh();
    const takers = Array.from({ length: 20 }, () => lock(code));
    const taken = await Promise.all(takers.map(taker => taker.lock()));
    expect(taken.filter(Boolean)).toHaveLength(1);
    await takers[taken.indexOf(true)]!.release();
  });

  it('keeps jobs apart', async () => {
    const [one, other] = [lock(fresh()), lock(fresh())];
    expect([await one.lock(), await other.lock()]).toEqual([true, true]);
    await Promise.all([one.release(), other.release()]);
  });

  it('can be taken again after its release, by anybody', async () => {
    const code = fresh();
    const [one, other] = [lock(code), lock(code)];
    await one.lock();
    await one.release();
    expect(await other.lock()).toBe(true);
    await other.release();
    expect(await one.lock()).toBe(true);
    await one.release();
  });

  it('is not changed by the release of one who does not hold it', async () => {
    const code = fresh();
    const [one, other, third] = [lock(code), lock(code), lock(code)];
    await other.release();
    await one.lock();
    await other.lock();
    await other.release();
    expect(await third.lock()).toBe(false);
    await one.release();
    await one.release();
    expect(await third.lock()).toBe(true);
    await one.release();
    expect(await lock(code).lock()).toBe(false);
    await third.release();
  });

  it('knows its holder', async () => {
    const code = fresh();
    const [one, other] = [lock(code), lock(code)];
    expect(await other.holder!()).toBeNull();
    await one.lock();
    const holder = await other.holder!();
    expect(holder).toMatchObject({ host: hostname(), pid: process.pid });
    expect(Math.abs(holder!.since.getTime() - Date.now())).toBeLessThan(10_000);
    if (hasLease) {
      expect(Math.abs(holder!.until!.getTime() - holder!.since.getTime() - 300_000)).toBeLessThan(5_000);
    } else {
      expect(holder!.until).toBeNull();
    }
    await one.release();
    expect(await other.holder!()).toBeNull();
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
    const [one, other, another] = [lock(code), lock(code), lock(`${code.slice(0, 60)}~`)];
    expect(await one.lock()).toBe(true);
    expect(await other.lock()).toBe(false);
    expect(await another.lock()).toBe(true);
    expect(await other.holder!()).toMatchObject({ pid: process.pid });
    await Promise.all([one.release(), another.release()]);
    expect(await other.lock()).toBe(true);
    await other.release();
  });

  if (hasLease) {
    it('ends with its lease; then its holder can neither renew nor release what another took', async () => {
      const code = fresh();
      const [one, other] = [lock(code, 0.2), lock(code)];
      await one.lock();
      await until('the lease has ended', () => other.lock());
      expect(await one.renew!()).toBe(false);
      await one.release();
      expect(await lock(code).lock()).toBe(false);
      await other.release();
    });

    it('lives on while it is renewed', async () => {
      const code = fresh();
      const [one, other] = [lock(code, 0.3), lock(code)];
      await one.lock();
      for (const endsAt = Date.now() + 700; Date.now() < endsAt;) {
        expect(await one.renew!()).toBe(true);
        expect(await other.lock()).toBe(false);
      }
      await one.release();
    });

    it('cannot be renewed by one who does not hold it', async () => {
      const code = fresh();
      const [one, other] = [lock(code), lock(code)];
      expect(await one.renew!()).toBe(false);
      await one.lock();
      expect(await other.renew!()).toBe(false);
      await one.release();
      expect(await one.renew!()).toBe(false);
    });

    it('can be freed by force, which says whose it was', async () => {
      const code = fresh();
      const [one, other] = [lock(code), lock(code)];
      await one.lock();
      expect(await other.forceRelease!()).toMatchObject({ host: hostname(), pid: process.pid });
      expect(await other.forceRelease!()).toBeNull();
      expect(await one.renew!()).toBe(false);
      expect(await other.lock()).toBe(true);
      await other.release();
    });
  } else {
    it('has no lease to renew, and cannot be freed by force: it ends with its process', () => {
      const one = lock(fresh());
      expect([one.renew, one.forceRelease]).toEqual([undefined, undefined]);
    });
  }
});
