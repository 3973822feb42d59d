import type { CronJobLog, RunStatus } from '../history/CronJobLog.ts';
import type { LockHolder } from '../lock/LockHolder.ts';

/** A run as `--json` prints it. Instants are ISO 8601 in UTC. */
export interface LogJson {
  readonly id: number;
  readonly code: string;
  readonly status: RunStatus;
  readonly startTime: string;
  readonly endTime: string | null;
  readonly durationMillis: number | null;
  readonly ranAtTime: string | null;
  readonly scheduledFor: string | null;
  readonly host: string;
  readonly pid: number;
}

/** A lock's holder as `--json` prints it. */
export interface HolderJson {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
  /** `null` when the lock lives exactly as long as its holder's process. */
  readonly until: string | null;
}

export function logToJson(log: CronJobLog): LogJson {
  return {
    id: log.id,
    code: log.code,
    status: log.status,
    startTime: log.startTime.toISOString(),
    endTime: log.endTime?.toISOString() ?? null,
    durationMillis: log.duration,
    ranAtTime: log.ranAtTime,
    scheduledFor: log.scheduledFor?.toISOString() ?? null,
    host: log.host,
    pid: log.pid,
  };
}

/** A run with all that its row holds, as `cron:log --json` prints it. */
export function wholeLogToJson(log: CronJobLog): object {
  return {
    ...logToJson(log),
    trigger: log.runTrigger,
    requestedBy: log.requestedBy,
    arguments: log.arguments === null ? null : (JSON.parse(log.arguments) as unknown),
    message: log.message,
  };
}

export function holderToJson({ host, pid, since, until }: LockHolder): HolderJson {
  return { host, pid, since: since.toISOString(), until: until?.toISOString() ?? null };
}
