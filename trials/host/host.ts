import { Redis } from 'ioredis';
import {
  cacheLock,
  cron,
  cronEntities,
  CronSettingsError,
  type CronExtension,
  type CronSettings,
  databaseLock,
  fileLock,
  type LockSetting,
  redisCache,
} from '../../src/index.ts';
import { type HostSpec, hostSpec } from './HostSpec.ts';
import { jobsOf } from './jobs.ts';

/** A host on whatever database, with whatever lock and jobs the trial names. */
const spec = hostSpec();

const drivers = {
  postgresql: async () => (await import('@mikro-orm/postgresql')).PostgreSqlDriver,
  mariadb: async () => (await import('@mikro-orm/mariadb')).MariaDbDriver,
  sqlite: async () => (await import('@mikro-orm/sqlite')).SqliteDriver,
};

export default {
  ...spec.connection,
  driver: await drivers[spec.driver](),
  baseDir: import.meta.dirname,
  entities: cronEntities,
  logger: () => undefined,
  extensions: [extension(spec)],
};

function extension({ leaseSeconds, concurrency, lock, settings = {} }: HostSpec): CronExtension {
  const base: CronSettings = {
    jobs: jobsOf(spec),
    timeZone: 'UTC',
    lock: lockOf(lock),
    lockTimeSeconds: leaseSeconds,
    concurrency,
    shutdownGraceSeconds: 5,
  };
  try {
    return cron({ ...base, ...settings });
  } catch (error) {
    if (error instanceof CronSettingsError) {
      // A release that does not know them.
      return cron(base);
    }
    throw error;
  }
}

function lockOf(lock: HostSpec['lock']): LockSetting {
  switch (lock.kind) {
    case 'redis': {
      const client = new Redis(lock.url);
      client.on('error', () => undefined);
      return cacheLock({ cache: redisCache(client, { timeoutSeconds: 1 }) });
    }
    case 'file':
      return fileLock({ directory: lock.directory });
    default:
      return databaseLock();
  }
}
