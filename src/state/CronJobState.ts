import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../database/InstantType.ts';

/** Stands for all jobs in the column `code`: its pause holds for every job. No job can have this code. */
export const ALL_JOBS = '*';

/**
 * What people and notifications have set for one job: a row of `cron_job_state`. A job without a row has nothing set. The
 * row with the code `*` holds a pause of all jobs.
 */
export class CronJobState {
  /** Code of the job, or `*` for all jobs. */
  code!: string;
  /** When the pause began, by the database's clock; `null` when the job is not paused. */
  pausedAt!: Date | null;
  /** When the pause ends by itself; `null` when it lasts until somebody resumes the job. */
  pausedUntil!: Date | null;
  /** Who paused the job. */
  pausedBy!: string | null;
  /** Why the job is paused. */
  pauseReason!: string | null;
  /** When the last pause that has ended began; with `lastResumedAt` it explains slots that were missed. */
  lastPausedAt!: Date | null;
  /** When that pause ended. */
  lastResumedAt!: Date | null;
  /** Who made that pause. */
  lastPausedBy!: string | null;
  /** Why that pause was made. */
  lastPauseReason!: string | null;
  /** The slot to skip; for an interval, the instant of the run to skip. */
  skipSlot!: Date | null;
  /** Up to when everything is skipped. */
  skipUntil!: Date | null;
  /** Who asked to skip. */
  skippedBy!: string | null;
  /** Id of the waiting request for a run; `null` when none waits. */
  requestId!: string | null;
  /** When the run was requested. */
  requestedAt!: Date | null;
  /** Who requested the run. */
  requestedBy!: string | null;
  /** Arguments of the requested run, as JSON; `null` when it has none. */
  requestArguments!: string | null;
  /** Numbers of the runs to cancel, as a JSON array; `null` when there are none. */
  cancelRuns!: string | null;
  /** When the cancel was requested. */
  cancelRequestedAt!: Date | null;
  /** Who requested the cancel. */
  cancelRequestedBy!: string | null;
  /** For the newest slot that is recorded as missed; nothing writes it yet. */
  missedThrough!: Date | null;
  /** For the memory of notifications about the job, as JSON; nothing writes it yet. */
  notified!: string | null;
}

/** Mapping of {@link CronJobState}, with every name pinned. */
export const CronJobStateSchema = defineEntity({
  class: CronJobState,
  className: 'CronJobState',
  tableName: 'cron_job_state',
  properties: {
    code: p.string().length(64).primary().name('code'),
    pausedAt: p.type(InstantType).nullable().name('paused_at'),
    pausedUntil: p.type(InstantType).nullable().name('paused_until'),
    pausedBy: p.string().length(255).nullable().name('paused_by'),
    pauseReason: p.text().nullable().name('pause_reason'),
    lastPausedAt: p.type(InstantType).nullable().name('last_paused_at'),
    lastResumedAt: p.type(InstantType).nullable().name('last_resumed_at'),
    lastPausedBy: p.string().length(255).nullable().name('last_paused_by'),
    lastPauseReason: p.text().nullable().name('last_pause_reason'),
    skipSlot: p.type(InstantType).nullable().name('skip_slot'),
    skipUntil: p.type(InstantType).nullable().name('skip_until'),
    skippedBy: p.string().length(255).nullable().name('skipped_by'),
    requestId: p.string().length(36).nullable().name('request_id'),
    requestedAt: p.type(InstantType).nullable().name('requested_at'),
    requestedBy: p.string().length(255).nullable().name('requested_by'),
    requestArguments: p.text().nullable().name('request_arguments'),
    cancelRuns: p.text().nullable().name('cancel_runs'),
    cancelRequestedAt: p.type(InstantType).nullable().name('cancel_requested_at'),
    cancelRequestedBy: p.string().length(255).nullable().name('cancel_requested_by'),
    missedThrough: p.type(InstantType).nullable().name('missed_through'),
    notified: p.text().nullable().name('notified'),
  },
});
