import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CronLockError, defineCronJob, JobLock, Schedule } from '../../src/index.ts';
import { openLocks } from '../../src/lock/HostLocks.ts';
import { Lease } from '../../src/lock/Lease.ts';

/** A lock that does as it is told. */
class ObedientLock extends JobLock {
  readonly calls: string[] = [];
  renewal: () => Promise<boolean> = async () => true;

  async lock(): Promise<boolean> {
    this.calls.push('lock');
    return true;
  }

  async release(): Promise<void> {
    this.calls.push('release');
  }

  override async renew(): Promise<boolean> {
    this.calls.push('renew');
    return this.renewal();
  }
}

/** Takes a host's lock and keeps it alive, as a tick does. */
async function take(lock: JobLock, leaseSeconds: number): Promise<Lease | null> {
  const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
  const settings = {
    lockTimeSeconds: leaseSeconds,
    clock: undefined,
    caches: {},
    cacheName: 'default',
    lockFilePath: undefined,
  };
  const askedAt = performance.now();
  const taken = await openLocks(() => lock, {} as never, settings).acquire!(job);
  return taken && new Lease(taken, leaseSeconds, job.code, askedAt);
}

const aborted = (lease: Lease) =>
  new Promise<unknown>(resolve => lease.signal.addEventListener('abort', () => resolve(lease.signal.reason)));

/** Keeps the event loop busy, as a job does that computes without a pause. */
function block(millis: number): void {
  for (const end = performance.now() + millis; performance.now() < end;) {
    // Busy.
  }
}

describe('a lease', () => {
  it('is none when the lock is somebody else’s', async () => {
    const lock = new ObedientLock();
    lock.lock = async () => false;
    expect(await take(lock, 1)).toBeNull();
  });

  it('that has passed and cannot be confirmed is lost before anybody goes on', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.1);
    lock.renewal = async () => Promise.reject(new Error('backend down'));
    block(150);
    await lease!.confirm();
    expect(lease!.signal.aborted).toBe(true);
    expect(lease!.signal.reason).toBeInstanceOf(CronLockError);
    await lease!.stop();
  });

  it('is renewed about three times in its length, until it is released', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.3);
    await delay(450);
    await lease!.release();
    const renewals = lock.calls.filter(call => call === 'renew').length;
    expect(renewals).toBeGreaterThanOrEqual(2);
    expect(renewals).toBeLessThanOrEqual(4);
    await delay(200);
    expect(lock.calls.filter(call => call === 'renew')).toHaveLength(renewals);
    expect(lock.calls.at(-1)).toBe('release');
  });

  it('aborts its signal as soon as the backend says that the lock is not ours any more', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.1);
    lock.renewal = async () => false;
    const reason = await aborted(lease!);
    expect(reason).toBeInstanceOf(CronLockError);
    expect(reason).toMatchObject({
      jobCode: 'a',
      message: 'Lock of a: it was lost to another process or freed by cron:unlock; the run was aborted',
    });
    const { length } = lock.calls;
    await delay(100);
    expect(lock.calls).toHaveLength(length);
    await lease!.release();
  });

  it('outlives a backend that cannot be asked for a while', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.3);
    let asked = 0;
    lock.renewal = async () => {
      if (++asked === 1) {
        throw new Error('no route to host');
      }
      return true;
    };
    await delay(500);
    expect(lease!.signal.aborted).toBe(false);
    await lease!.release();
  });

  it('is lost when the backend could not be asked for a whole lease, and says why', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.15);
    lock.renewal = async () => {
      throw new Error('no route to host');
    };
    expect(await aborted(lease!)).toMatchObject({
      message: 'Lock of a: it could not be renewed for a whole lease (0.15 s); the run was aborted',
      cause: new Error('no route to host'),
    });
    await lease!.release();
  });

  it('is lost after a whole lease to a backend that does not answer, and waits for it no longer', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.15);
    lock.renewal = () => new Promise<never>(() => undefined);
    expect(await aborted(lease!)).toMatchObject({
      message: 'Lock of a: it could not be renewed for a whole lease (0.15 s); the run was aborted',
    });
    await lease!.confirm();
    await expect(lease!.release()).rejects.toThrow('Lock of a: its backend did not answer within 0.15 s');
  });

  it('does not wait for ever for a release that is not answered', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.1);
    lock.release = () => new Promise<never>(() => undefined);
    await expect(lease!.release()).rejects.toThrow('Lock of a: its backend did not answer within 0.1 s');
  });

  it('has no heartbeat with a backend whose locks do not end by themselves', async () => {
    const lock = new ObedientLock();
    Object.defineProperty(lock, 'renew', { value: undefined });
    const lease = await take(lock, 0.05);
    await delay(200);
    await lease!.confirm();
    expect(lock.calls).toEqual(['lock']);
    expect(lease!.signal.aborted).toBe(false);
    await lease!.release();
  });

  it('is asked for again when a busy event loop has kept its heartbeats from going out', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 0.1);
    lock.renewal = async () => false;
    block(150);
    // No timer has had its turn yet: this is the moment at which a job that blocked returns.
    expect(lease!.signal.aborted).toBe(false);
    await lease!.confirm();
    expect(lease!.signal.aborted).toBe(true);
    await lease!.release();
  });

  it('needs no confirmation while its heartbeats go out', async () => {
    const lock = new ObedientLock();
    const lease = await take(lock, 300);
    await lease!.confirm();
    expect(lock.calls).toEqual(['lock']);
    await lease!.release();
  });
});
