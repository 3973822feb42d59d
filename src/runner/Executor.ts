import type { CronJobBase } from '../job/CronJobBase.ts';
import type { CronJobContext } from '../job/CronJobContext.ts';

/** A run's context without what the executor itself supplies. */
export type RunContext = Omit<CronJobContext, 'em'>;

/**
 * The seam between "locked and logged" and `do()`: where a run happens. One executor serves one run. It settles as the
 * job does: with what `do()` returned, or throwing what it threw.
 */
export interface Executor {
  execute(job: CronJobBase, context: RunContext): Promise<unknown>;

  /** Ends a run that has ignored its aborted signal for the whole grace; left out where that cannot be done. */
  kill?(): void;
}
