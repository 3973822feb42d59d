import { CronJobError } from '../errors.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import { type OptionRule, readOptions } from '../util/options.ts';
import { showValue } from '../util/rules.ts';
import { CronJobBase } from './CronJobBase.ts';
import type { CronJobContext } from './CronJobContext.ts';
import type { ArgumentsSchema } from './jobArguments.ts';

/**
 * A job without a class: what `defineCronJob()` takes. The optional members are those of `CronJobBase`.
 *
 * @typeParam Args what the schema `args` gives
 */
export interface CronJobDefinition<Args = unknown> extends Partial<
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
  /** Identifies the job in the log and the lock, and must not change: unique among the host's jobs, 1 to 64 characters. */
  readonly code: string;
  /** When the job runs. */
  readonly schedule: Schedule;
  /** Schema of the arguments of a forced run; see `CronJobBase.args`. */
  readonly args?: ArgumentsSchema<Args>;
  /** Does the work; see `CronJobBase.do`. */
  do(context: CronJobContext<Args>): unknown;
}

const unchecked: OptionRule = { allowed: '', isAllowed: () => true };

/** Every member of a definition. All but `do` are checked with the host's jobs, where the file is known. */
const definitionRules: Record<keyof CronJobDefinition, OptionRule> = {
  code: unchecked,
  schedule: unchecked,
  do: unchecked,
  tags: unchecked,
  allowParallelRuns: unchecked,
  minNumFailures: unchecked,
  removeSuccessfulLogs: unchecked,
  timeoutSeconds: unchecked,
  lockTimeSeconds: unchecked,
  isolation: unchecked,
  captureConsole: unchecked,
  pings: unchecked,
  args: unchecked,
};

class DefinedCronJob extends CronJobBase {
  readonly code: string;
  readonly schedule: Schedule;
  readonly #do: (context: CronJobContext) => unknown;

  /** @param given the definition itself, which `do` finds as `this` */
  constructor({ do: work, ...options }: CronJobDefinition, given: CronJobDefinition) {
    super();
    Object.assign(this, options);
    this.code = options.code;
    this.schedule = options.schedule;
    this.#do = context => work.call(given, context);
  }

  do(context: CronJobContext): unknown {
    return this.#do(context);
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
 * @typeParam Args what the schema `args` gives, and `context.args` is; told from the schema
 * @throws CronJobError when `do` is missing or an option is unknown; the others are looked at with the host's jobs.
 */
export function defineCronJob<Args = undefined>(definition: CronJobDefinition<Args>): CronJobBase {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw new CronJobError(
      `defineCronJob(): ${showValue(definition)} is not a definition; write defineCronJob({ code, schedule, do })`,
    );
  }
  const options = readOptions<CronJobDefinition>(definition, definitionRules, {
    about: key => `defineCronJob(): ${key}`,
    unknown: key => `defineCronJob(): there is no option ${key}`,
    error: message => new CronJobError(message),
  });
  if (typeof options.do !== 'function') {
    throw new CronJobError(`defineCronJob(): ${showValue(options.code)} has no function do(context)`);
  }
  return new DefinedCronJob(options, definition);
}
