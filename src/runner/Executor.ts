import type { CronJobBase } from '../job/CronJobBase.ts';
import type { CronJobContext } from '../job/CronJobContext.ts';

/** A run's context without what the executor itself supplies. */
export type RunContext = Omit<CronJobContext, 'em'>;

/**
 * The seam between "locked and logged" and `do()`: where a run happens. It settles as the job does: with what `do()`
 * returned, or throwing what it threw.
 */
export interface Executor {
  execute(job: CronJobBase, context: RunContext): Promise<unknown>;
}
