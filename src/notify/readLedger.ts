import type { MikroORM } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import { type Ledger, LEDGER_MARK, readLedgerLine } from './ledger.ts';

/**
 * What the newest run of the notification job that left a ledger, well ended or not, remembers; nothing when there is
 * none. A run that was killed leaves none and is passed over.
 */
export async function readLedger(em: EntityManager, orm: MikroORM, code: string, now: Date): Promise<Ledger> {
  const [row] = await em.execute<{ message: string }[]>(
    `select l.message from ${tableName(orm, CronJobLog)} l where l.code = ? and l.status <> 'running'` +
      ` and l.start_time <= ${dialectOf(orm).instant(String(now.getTime()))} and l.message like ?` +
      ' order by l.start_time desc, l.id desc limit 1',
    [code, `%${LEDGER_MARK}%`],
  );
  return row ? readLedgerLine(row.message) : {};
}
