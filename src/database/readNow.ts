import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../util/clock.ts';
import { dialectOf } from './dialectOf.ts';

/** The present instant by the clock that schedules go by: that of the settings, else the database's own. */
export async function readNow(em: EntityManager, orm: MikroORM, clock?: Clock): Promise<Date> {
  if (clock) {
    return clock.now();
  }
  const sql = dialectOf(orm);
  const [row] = await em.execute<[{ now: number }]>(`select ${sql.millis(sql.now)} as now`);
  return new Date(Number(row.now));
}
