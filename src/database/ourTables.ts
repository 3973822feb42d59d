import { existsSync } from 'node:fs';
import type { EntityClass, EntityManager as CoreEntityManager, MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { CronError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Dialect } from './Dialect.ts';
import { dialectOf } from './dialectOf.ts';
import { ownEm as forkEm } from './ownEm.ts';

/**
 * An EntityManager for our own tables, which has nothing of whoever called us: no request context with its schema, no
 * transaction, no signal of a run that may be aborted.
 */
export function ownEm(orm: MikroORM): EntityManager {
  checkFile(orm);
  return forkEm(orm);
}

const withFile = new WeakSet<MikroORM>();

/**
 * Connecting would make an empty SQLite file for a mistyped name.
 *
 * @throws CronError when the file is not there.
 */
export function checkFile(orm: MikroORM): void {
  if (withFile.has(orm)) {
    return;
  }
  const file = dialectOf(orm).databaseFile?.(orm.config);
  if (file !== undefined && !existsSync(file)) {
    throw new CronError(
      `Database '${orm.config.get('dbName')}': there is no file ${file}; see dbName in the MikroORM config, or run \`npx mikro-orm migration:up\`, which makes it`,
    );
  }
  withFile.add(orm);
}

/**
 * For every statement of ours by MikroORM: a host's filter for all its entities, by tenant or for soft deletion, is not
 * meant for our tables.
 */
export const UNFILTERED = { filters: false } as const;

/** For our own reads besides: what a cache or a replica knows is of yesterday. */
export const FRESH = { ...UNFILTERED, cache: false, connectionType: 'write' } as const;

/** The present instant as SQL: that of the settings' clock, else the database's own. */
export function nowSql(sql: Dialect, clock: Clock | undefined): string {
  return clock ? sql.instant(String(clock.now().getTime())) : sql.now;
}

/** The present instant by the clock that schedules go by: that of the settings, else the database's own. */
export async function readNow(em: EntityManager, clock?: Clock): Promise<Date> {
  if (clock) {
    return clock.now();
  }
  const sql = dialectOf(em);
  const [row] = await em.execute<[{ now: number }]>(`select ${sql.millis(sql.now)} as now`);
  return new Date(Number(row.now));
}

/** The part of an EntityManager that knows the tables' names. */
type TableNaming = Pick<CoreEntityManager, 'getMetadata' | 'config' | 'getPlatform'>;

/**
 * The quoted table name of an entity, for use in raw SQL. As MikroORM does, the platform's default schema is left out,
 * so that a host's search path decides.
 */
export function tableName(em: TableNaming, entity: EntityClass<object>): string {
  const meta = em.getMetadata(entity);
  const schema = meta.schema && meta.schema !== '*' ? meta.schema : em.config.getSchema(true);
  const name = schema ? `${schema}.${meta.tableName}` : meta.tableName;
  return em.getPlatform().quoteIdentifier(name);
}
