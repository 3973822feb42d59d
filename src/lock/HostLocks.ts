import type { MikroORM } from '@mikro-orm/core';
import type { OwnConnection } from '../database/OwnConnection.ts';
import { CronSettingsError } from '../errors.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { showValue } from '../util/rules.ts';
import type { JobLock } from './JobLock.ts';
import type { LockHolder } from './LockHolder.ts';
import {
  type KnownHolder,
  leaseSecondsOf,
  type LockFactory,
  type LockLease,
  type LockProvider,
  type LockSetting,
  type LockSettings,
} from './LockProvider.ts';

/**
 * The provider of the setting `lock`.
 *
 * @param connection for locks in the host's database
 */
export function openLocks(
  setting: LockSetting,
  orm: MikroORM,
  settings: LockSettings,
  connection?: OwnConnection,
): LockProvider {
  return typeof setting === 'function'
    ? new HostLocks(setting, orm, settings)
    : setting.open(orm, settings, connection);
}

/** Locks of a class of the host's own: one instance an attempt. */
class HostLocks implements LockProvider {
  readonly #factory: LockFactory;
  readonly #orm: MikroORM;
  readonly #settings: LockSettings;

  constructor(factory: LockFactory, orm: MikroORM, settings: LockSettings) {
    this.#factory = factory;
    this.#orm = orm;
    this.#settings = settings;
  }

  get name(): string {
    return this.#factory.name === '' || this.#factory.name === 'lock' ? 'a lock of the host' : this.#factory.name;
  }

  async acquire(job: CronJobBase): Promise<LockLease | null> {
    const lock = this.#lockOf(job);
    if (!(await lock.lock())) {
      return null;
    }
    const lease: LockLease = { release: async () => lock.release() };
    return lock.renew ? { ...lease, renew: async () => lock.renew!() } : lease;
  }

  async holders(jobs: readonly CronJobBase[]): Promise<ReadonlyMap<string, KnownHolder>> {
    const ask = async (job: CronJobBase): Promise<[string, KnownHolder]> => [
      job.code,
      await this.#lockOf(job).holder?.(),
    ];
    return new Map(await Promise.all(jobs.map(ask)));
  }

  async forceRelease(job: CronJobBase): Promise<LockHolder | null> {
    const lock = this.#lockOf(job);
    if (!lock.forceRelease) {
      throw new CronSettingsError(
        `Lock of ${job.code}: ${lock.constructor.name} cannot be freed by force; it ends with its holder's process or lease`,
        { jobCode: job.code },
      );
    }
    return lock.forceRelease();
  }

  async probe(jobs: readonly CronJobBase[]): Promise<void> {
    await Promise.all(jobs.map(async job => this.#lockOf(job).probe?.()));
  }

  #lockOf(job: CronJobBase): JobLock {
    const lockTimeSeconds = leaseSecondsOf(job, this.#settings);
    const lock: unknown = this.#factory(job, this.#orm, { ...this.#settings, lockTimeSeconds });
    if (!isLock(lock)) {
      throw new CronSettingsError(
        `cron({ lock }): it returned ${showValue(lock)} for ${job.code}; it must return a JobLock, with lock() and release()`,
        { jobCode: job.code },
      );
    }
    return lock;
  }
}

function isLock(value: unknown): value is JobLock {
  const { lock, release } = (value ?? {}) as Partial<JobLock>;
  return typeof lock === 'function' && typeof release === 'function';
}
