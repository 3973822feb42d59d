import { defineEntity, type Opt, p } from '@mikro-orm/core';
import { InstantType } from '../database/InstantType.ts';

/**
 * What became of a run. `running` is written before the job starts and success only after it ended, so a killed job
 * never reads as a success; `abandoned` is what a run becomes whose process died, `cancelled` one that somebody ended. A row
 * `missed` is not a run: it stands for slots that no run served.
 */
export type RunStatus = 'running' | 'succeeded' | 'failed' | 'timed_out' | 'abandoned' | 'cancelled' | 'missed';

/**
 * Why a run started: a `slot` of a schedule or its `interval`, `forced` by `--force`, a `request` by `cron:run`, or `after`
 * the jobs that it waits for.
 */
export type RunTrigger = 'slot' | 'interval' | 'forced' | 'request' | 'after';

/** One run of one job: a row of `cron_job_log` in the host's database. */
export class CronJobLog {
  /** Number of the run, as `cron:log` shows it. */
  id!: number;
  /** Code of the job. */
  code!: string;
  /** When the run started, by the database's clock. */
  startTime!: Date;
  /** When the run ended; `null` while it is running. */
  endTime!: Date | null;
  /** Outcome of the run, or `running`. */
  status!: RunStatus;
  /** What `do()` returned, or the error with its stack and causes. */
  message!: string;
  /** 'HH:MM' of the run-at time this run served, else `null`. */
  ranAtTime!: string | null;
  /** The slot this run served; `null` for interval and forced runs. */
  scheduledFor!: Date | null;
  /** Name of the machine the run was on. */
  host!: string;
  /** Process id of the runner on that machine. */
  pid!: number;
  /** Number of the claim that started the run: it grows with each claim of the job. 0 for runs that take no lock. */
  fence!: Opt<number>;
  /** Why the run started; `null` in rows of earlier versions and in those `missed`. */
  runTrigger!: RunTrigger | null;
  /** Who requested the run; `null` when the schedule did. */
  requestedBy!: string | null;
  /** Id of the request that the run serves. */
  requestId!: string | null;
  /** When the run was requested or put on a queue. */
  queuedAt!: Date | null;
  /** Arguments of the run, as JSON; `null` when it has none. */
  arguments!: string | null;
  /** How many slots a row `missed` stands for; `null` in all others. */
  missedSlots!: number | null;

  /** Whether the run ended well. */
  get isSuccess(): Opt<boolean> {
    return this.status === 'succeeded';
  }

  /** How long the run took, in milliseconds; `null` while it is running. */
  get duration(): Opt<number> | null {
    return this.endTime === null ? null : this.endTime.getTime() - this.startTime.getTime();
  }
}

/**
 * Mapping of {@link CronJobLog}. All names are pinned, so that the shipped migration fits hosts with any naming
 * strategy. The indexes serve, in this order: the newest run, the newest success and running rows, the newest served
 * slot, retention. The key ends those that give the newest of rows that may have started in the same millisecond.
 */
export const CronJobLogSchema = defineEntity({
  class: CronJobLog,
  className: 'CronJobLog',
  tableName: 'cron_job_log',
  indexes: [
    { name: 'cron_job_log_code_start_time_index', properties: ['code', 'startTime', 'id'] },
    { name: 'cron_job_log_code_status_start_time_index', properties: ['code', 'status', 'startTime', 'id'] },
    { name: 'cron_job_log_code_status_scheduled_for_index', properties: ['code', 'status', 'scheduledFor'] },
    { name: 'cron_job_log_end_time_index', properties: ['endTime'] },
  ],
  properties: {
    id: p.bigint('number').primary().autoincrement().name('id'),
    code: p.string().length(64).name('code'),
    startTime: p.type(InstantType).name('start_time'),
    endTime: p.type(InstantType).nullable().name('end_time'),
    status: p.string().length(16).$type<RunStatus>().name('status'),
    message: p.text().name('message'),
    ranAtTime: p.string().length(5).nullable().name('ran_at_time'),
    scheduledFor: p.type(InstantType).nullable().name('scheduled_for'),
    host: p.string().length(255).name('host'),
    pid: p.integer().name('pid'),
    fence: p.bigint('number').defaultRaw('0').name('fence'),
    runTrigger: p.string().length(16).$type<RunTrigger>().nullable().name('run_trigger'),
    requestedBy: p.string().length(255).nullable().name('requested_by'),
    requestId: p.string().length(36).nullable().name('request_id'),
    queuedAt: p.type(InstantType).nullable().name('queued_at'),
    arguments: p.text().nullable().name('arguments'),
    missedSlots: p.integer().nullable().name('missed_slots'),
  },
});

/** A run's row for somebody else's hands: whatever they do to it, ours stays as it is. */
export function copyLog(log: CronJobLog, changes: Partial<CronJobLog> = {}): CronJobLog {
  const copy = Object.assign(new CronJobLog(), log, changes);
  for (const key of ['startTime', 'endTime', 'scheduledFor', 'queuedAt'] as const) {
    const instant = copy[key];
    Object.assign(copy, { [key]: instant && new Date(instant) });
  }
  return copy;
}

/** A row that MikroORM has read, with null where the host's `forceUndefined` has put undefined. */
export function withNulls(log: CronJobLog): CronJobLog {
  log.endTime ??= null;
  log.ranAtTime ??= null;
  log.scheduledFor ??= null;
  log.runTrigger ??= null;
  log.requestedBy ??= null;
  log.requestId ??= null;
  log.queuedAt ??= null;
  log.arguments ??= null;
  log.missedSlots ??= null;
  return log;
}
