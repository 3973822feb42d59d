import type { EntityManager } from '@mikro-orm/sql';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from './CronJobLog.ts';
import type { FailedRun } from './readStreaks.ts';

const MOST_CHARACTERS = 2_000;

const CHARACTERS_IN_ALL = 200_000;

export async function readMessages(
  em: EntityManager,
  runs: readonly FailedRun[],
): Promise<Map<number, { host: string; message: string }>> {
  if (runs.length === 0) {
    return new Map();
  }
  const most = Math.min(MOST_CHARACTERS, Math.ceil(CHARACTERS_IN_ALL / runs.length));
  const rows = await em.execute<{ id: number | string; host: string; message: string }[]>(
    `select l.id, l.host, substr(l.message, 1, ${most + 1}) as message from ${tableName(em, CronJobLog)} l` +
      ` where l.id in (${runs.map(() => '?').join(', ')})`,
    runs.map(({ id }) => id),
  );
  return new Map(rows.map(({ id, host, message }) => [Number(id), { host, message: cut(message, most) }]));
}

function cut(message: string, most: number): string {
  return message.length <= most ? message : `${message.slice(0, most).toWellFormed()}…`;
}
