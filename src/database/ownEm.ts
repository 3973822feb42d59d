import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';

/**
 * An EntityManager for our own tables, which has nothing of whoever called us: no request context with its schema, no
 * transaction, no signal of a run that may be aborted.
 */
export function ownEm(orm: MikroORM): EntityManager {
  return orm.em.fork({ clear: true, useContext: false, disableContextResolution: true }) as EntityManager;
}
