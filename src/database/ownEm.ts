import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';

/**
 * An EntityManager for our own tables, which has nothing of whoever called us: no request context with its schema, no
 * transaction, no signal of a run that may be aborted.
 */
export function ownEm(orm: MikroORM): EntityManager {
  return orm.em.fork({ clear: true, useContext: false, disableContextResolution: true }) as EntityManager;
}

/**
 * For every statement of ours by MikroORM: a host's filter for all its entities, by tenant or for soft deletion, is not
 * meant for our tables.
 */
export const UNFILTERED = { filters: false } as const;

/** For our own reads besides: what a cache or a replica knows is of yesterday. */
export const FRESH = { ...UNFILTERED, cache: false, connectionType: 'write' } as const;
