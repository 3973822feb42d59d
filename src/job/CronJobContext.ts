import type { EntityManager } from '@mikro-orm/sql';
import type { CronJobLog } from '../history/CronJobLog.ts';

/**
 * The argument of `do()`: one run of a job.
 *
 * @typeParam Args what the job's schema `args` makes of the arguments of a forced run
 */
export interface CronJobContext<Args = unknown> {
  /**
   * An EntityManager of this run's own, with an empty identity map. It carries `signal`: when the run is aborted, its
   * queries are cancelled on the server too.
   */
  readonly em: EntityManager;

  /**
   * Aborted on time-out, lost lock and shutdown; `signal.reason` says which. A long job hands it on to what it awaits,
   * or looks at it between two pieces of work.
   */
  readonly signal: AbortSignal;

  /** The log row of this run. */
  readonly log: CronJobLog;

  /**
   * Number of this run's claim: it grows with each claim of the job, so that work done by a holder whose lock was lost can
   * be told from its successor's and refused. `null` for a job whose runs may overlap.
   */
  readonly fence: number | null;

  /** The newest successful run before this one; `null` when there is none. */
  readonly previousSuccess: CronJobLog | null;

  /** The slot this run serves; `null` for interval and forced runs. */
  readonly scheduledFor: Date | null;

  /** Whether the run was asked for with `--force`, not by the schedule. */
  readonly isForced: boolean;

  /** The arguments of a forced run, as the job's schema `args` gives them; `undefined` for a run without. */
  readonly args: Args | undefined;

  /** When the run started, by the clock that the schedule goes by (the database's). */
  readonly now: Date;

  /** Appends a line to the message of this run's log row. */
  write(line: string): void;

  /**
   * Reports the progress of the run: `progress(30, 120)`. Goes to events and terminals, not to the log.
   *
   * @param total what `done` is a part of; left out when it is unknown
   */
  progress(done: number, total?: number): void;
}
