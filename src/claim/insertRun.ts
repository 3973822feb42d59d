import { hostname } from 'node:os';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import type { Decision } from '../schedule/isDue.ts';

/** The values of a new row "running". */
export interface RunStart {
  readonly code: string;
  readonly startTime: Date;
  readonly fence: number;
  readonly decision: Decision;
}

/** Writes a row "running"; gives its id. */
export async function insertRun(
  em: EntityManager,
  { code, startTime, fence, decision: { scheduledFor, ranAtTime } }: RunStart,
): Promise<number> {
  const sql = dialectOf(em);
  const instant = (value: Date | null) => (value === null ? 'null' : sql.instant(String(value.getTime())));
  const { insertId, row } = await em.execute<{ insertId?: number; row?: { id: number | string } }>(
    `insert into ${tableName(em, CronJobLog)}` +
      ' (code, start_time, status, message, ran_at_time, scheduled_for, host, pid, fence)' +
      ` values (?, ${instant(startTime)}, 'running', '', ?, ${instant(scheduledFor)}, ?, ?, ?)${sql.returningId}`,
    [code, ranAtTime, hostname(), process.pid, fence],
    'run',
  );
  return Number(row?.id ?? insertId);
}
