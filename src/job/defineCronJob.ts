import { CronJobError } from '../errors.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import { showValue } from '../util/rules.ts';
import { CronJobBase } from './CronJobBase.ts';
import type { CronJobContext } from './CronJobContext.ts';

/** A job without a class: what `defineCronJob()` takes. The optional members are those of `CronJobBase`. */
export interface CronJobDefinition extends Partial<
  Pick<
    CronJobBase,
    | 'tags'
    | 'allowParallelRuns'
    | 'minNumFailures'
    | 'removeSuccessfulLogs'
    | 'timeoutSeconds'
    | 'lockTimeSeconds'
    | 'isolation'
    | 'captureConsole'
    | 'pings'
  >
> {
  /** Names the job for ever in the log and the lock: unique among the host's jobs, 1 to 64 characters. */
  readonly code: string;
  /** When the job runs. */
  readonly schedule: Schedule;
  /** Does the work; see `CronJobBase.do`. */
  do(context: CronJobContext): unknown;
}

/** Every member of a definition. */
const MEMBERS: Record<keyof CronJobDefinition, true> = {
  code: true,
  schedule: true,
  do: true,
  tags: true,
  allowParallelRuns: true,
  minNumFailures: true,
  removeSuccessfulLogs: true,
  timeoutSeconds: true,
  lockTimeSeconds: true,
  isolation: true,
  captureConsole: true,
  pings: true,
};

class DefinedCronJob extends CronJobBase {
  readonly code: string;
  readonly schedule: Schedule;
  readonly #definition: CronJobDefinition;

  constructor(definition: CronJobDefinition) {
    super();
    const { do: _, ...options } = definition;
    Object.assign(this, options);
    this.code = definition.code;
    this.schedule = definition.schedule;
    this.#definition = definition;
  }

  do(context: CronJobContext): unknown {
    return this.#definition.do(context);
  }
}

/**
 * A job without a class, to be listed in `jobs` or exported from a file that a glob of `jobs` finds.
 *
 * @example
 * ```ts
 * export const cleanUp = defineCronJob({
 *   code: 'my_app.clean_up',
 *   schedule: new Schedule({ runAtTimes: ['03:00'] }),
 *   do: ({ em }) => em.nativeDelete(Session, { expiresAt: { $lt: new Date() } }),
 * });
 * ```
 * @throws CronJobError when `do` is missing or an option is unknown; the others are looked at with the host's jobs.
 */
export function defineCronJob(definition: CronJobDefinition): CronJobBase {
  const stranger = Object.keys(definition).find(key => !(key in MEMBERS));
  if (stranger !== undefined) {
    throw new CronJobError(
      `defineCronJob(): there is no option ${stranger}; there are ${Object.keys(MEMBERS).join(', ')}`,
    );
  }
  if (typeof definition.do !== 'function') {
    throw new CronJobError(`defineCronJob(): ${showValue(definition.code)} has no function do(context)`);
  }
  return new DefinedCronJob(definition);
}
