import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';

/** What a pool of pg says of itself. */
export interface PoolState {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** The state of the host's own pool, from pg itself. */
export async function poolOf(em: EntityManager | MikroORM['em']): Promise<PoolState> {
  const client: unknown = await (em as EntityManager).getConnection().getNativeClient();
  const { totalCount, idleCount, waitingCount } = client as Record<string, number>;
  return { total: totalCount ?? -1, idle: idleCount ?? -1, waiting: waitingCount ?? -1 };
}
