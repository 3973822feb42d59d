import type { MikroORM } from '@mikro-orm/core';
import { adaptEntity, dialectOf } from '../database/dialectOf.ts';
import { CronError } from '../errors.ts';
import { CronJobLogSchema } from '../history/CronJobLog.ts';
import { noteStartDirectory } from '../host/startDirectory.ts';
import { closeContainer } from '../job/JobContainer.ts';
import { CronJobLockSchema } from '../lock/CronJobLock.ts';
import type { CronSettings } from '../settings/CronSettings.ts';
import { resolveSettings } from '../settings/resolveSettings.ts';
import { CronJobStateSchema } from '../state/CronJobState.ts';
import { CronRunner } from './CronRunner.ts';

/** The key under which `cron()` registers the runner with MikroORM. */
export const EXTENSION_KEY = 'mikro-orm-cron';

/**
 * The entities of this package. `cron()` adds them by itself to a host that does not list them; a host without entities
 * of its own lists these, since MikroORM refuses an empty list before it asks any extension.
 */
export const cronEntities = [CronJobLogSchema, CronJobLockSchema, CronJobStateSchema];

/** What MikroORM's `extensions` option takes. */
export interface CronExtension {
  /** Called by MikroORM before it discovers the entities. */
  register(orm: MikroORM): void;
}

/**
 * The MikroORM extension: register it in the host's `extensions`.
 *
 * @example
 * ```ts
 * export default defineConfig({
 *   extensions: [Migrator, cron({ jobs: [SendDigests], timeZone: 'Europe/Prague' })],
 * });
 * ```
 * @throws CronSettingsError naming the setting, the value and what is allowed.
 */
export function cron(settings: CronSettings): CronExtension {
  const resolved = resolveSettings(settings);
  return {
    register(orm) {
      // An unsupported driver is refused when the host starts, not at its first tick.
      dialectOf(orm);
      noteStartDirectory(orm);
      addEntities(orm);
      adaptEntities(orm);
      let runner: CronRunner | undefined;
      orm.config.registerExtension(EXTENSION_KEY, () => (runner = new CronRunner(orm, resolved)));
      // The runner's own connections end with the host's: MikroORM has no hook for it.
      const close = orm.close.bind(orm);
      orm.close = async force => {
        await runner?.connections.close().catch(() => undefined);
        await closeContainer(orm).catch(() => undefined);
        await close(force);
      };
    },
  };
}

/**
 * The runner that `cron()` registered.
 *
 * @throws CronError when the config has no `cron()`.
 */
export function getCronRunner(orm: MikroORM): CronRunner {
  const runner = orm.config.getExtension<CronRunner>(EXTENSION_KEY);
  if (!runner) {
    throw new CronError(
      'mikro-orm-cron: the MikroORM config has no cron(); add it to its extensions: [cron({ jobs: [MyJob] })]',
    );
  }
  return runner;
}

/** `register()` runs before discovery, so what is added here is discovered like the host's own entities. */
function addEntities(orm: MikroORM): void {
  for (const key of ['entities', 'entitiesTs'] as const) {
    const listed = orm.config.get(key);
    // An empty `entitiesTs` means that `entities` serves TypeScript too.
    if (key === 'entities' || listed.length > 0) {
      const missing = cronEntities.filter(
        schema => !listed.some(entity => entity === schema || entity === schema.meta.class),
      );
      orm.config.set(key, [...listed, ...missing]);
    }
  }
}

/** The entities are the same objects for every ORM of a process, so what differs by database is put in at discovery. */
function adaptEntities(orm: MikroORM): void {
  const discovery = orm.config.get('discovery');
  const { onMetadata } = discovery;
  discovery.onMetadata = async (meta, platform) => {
    if (cronEntities.some(schema => schema.meta.class === meta.class)) {
      adaptEntity(meta, platform);
    }
    await onMetadata?.(meta, platform);
  };
}
