import type { CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { LockHolder } from '../lock/LockHolder.ts';
import type { JobDecision } from '../state/decideJob.ts';
import type { JobReading } from './readTick.ts';

/** A job to claim, with the reading and decision that the claim confirms or repeats. */
export interface ClaimRequest {
  readonly job: CronJobBase;
  /** Known to this claim alone. */
  readonly token: string;
  /** How long the lease lasts, in seconds. */
  readonly leaseSeconds: number;
  /** What the tick read, before any other backend's lock was taken. */
  readonly reading: JobReading;
  /** What the tick decided from it. */
  readonly decision: JobDecision;
  /** Whether the lock is held in another backend, so that the lease in the database says nothing. */
  readonly isLockedElsewhere: boolean;
  /** Whether the job is due, asked again when the reading no longer holds. */
  readonly decide: (reading: Pick<JobReading, 'history' | 'state'>, now: Date) => JobDecision;
}

/** A run that may begin: its lock is ours and its row "running" is written. */
export interface ClaimedRun {
  readonly kind: 'claimed';
  readonly log: CronJobLog;
  readonly token: string;
  readonly fence: number;
  readonly decision: JobDecision;
  readonly previousSuccess: CronJobLog | null;
  /** Rows of dead processes that the claim closed. */
  readonly abandoned: readonly CronJobLog[];
}

/** The outcome of a claim. */
export type ClaimResult =
  | ClaimedRun
  /** Decided again under the lock: another process has run it, or somebody changed its state. */
  | { readonly kind: 'not_due'; readonly decision: JobDecision; readonly abandoned: readonly CronJobLog[] }
  /** Somebody else holds the lock, or is taking it; the holder where it is known. */
  | { readonly kind: 'locked'; readonly holder: LockHolder | null };
