import type { EntityManager } from '@mikro-orm/sql';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from './CronJobLog.ts';

/** Writes what a run has written so far into its row, while it stands as running. */
export async function saveMessage(em: EntityManager, { id }: CronJobLog, message: string): Promise<void> {
  await em.execute(
    `update ${tableName(em, CronJobLog)} set message = ? where id = ? and status = 'running'`,
    [message, id],
    'run',
  );
}
