import { hostname } from 'node:os';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';
import { type JobDecision, type RunOrigin, triggerOf } from '../state/decideJob.ts';

/** The values of a new row "running". */
export interface RunStart {
  readonly code: string;
  readonly startTime: Date;
  readonly fence: number;
  readonly decision: JobDecision;
}

/** Writes a row "running"; gives its id. */
export async function insertRun(em: EntityManager, { code, startTime, fence, decision }: RunStart): Promise<number> {
  const { scheduledFor, ranAtTime } = decision;
  const { requestedBy, requestId, queuedAt, arguments: args } = originOf(decision);
  const sql = dialectOf(em);
  const instant = (value: Date | null) => (value === null ? 'null' : sql.instant(String(value.getTime())));
  const { insertId, row } = await em.execute<{ insertId?: number; row?: { id: number | string } }>(
    `insert into ${tableName(em, CronJobLog)}` +
      ' (code, start_time, status, message, ran_at_time, scheduled_for, queued_at, host, pid, fence,' +
      ' run_trigger, requested_by, request_id, arguments)' +
      ` values (?, ${instant(startTime)}, 'running', '', ?, ${instant(scheduledFor)}, ${instant(queuedAt)},` +
      ` ?, ?, ?, ?, ?, ?, ?)${sql.returningId}`,
    [code, ranAtTime, hostname(), process.pid, fence, triggerOf(decision), requestedBy, requestId, args],
    'run',
  );
  return Number(row?.id ?? insertId);
}

const NO_ORIGIN: RunOrigin = { requestedBy: null, requestId: null, queuedAt: null, arguments: null };

/** Who asked for the run that a decision starts; all values are null when the schedule did. */
export function originOf({ origin }: JobDecision): RunOrigin {
  return origin ?? NO_ORIGIN;
}
