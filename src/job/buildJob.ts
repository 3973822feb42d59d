import { CronJobError } from '../errors.ts';
import type { CronJobBase } from './CronJobBase.ts';

/**
 * Builds a job from its class without a container, as the default of the setting `createJob`.
 *
 * @throws CronJobError when the constructor takes parameters, which nobody would give it: the job would fail at run time.
 */
export function buildJob(JobClass: new (...args: never[]) => CronJobBase): CronJobBase {
  const count = parametersOf(JobClass);
  if (count > 0) {
    throw new CronJobError(
      `its constructor takes ${count} ${count === 1 ? 'parameter' : 'parameters'}; ` +
        'set createJob in cron(), use nestJobs() in a NestJS application, or give each parameter a default value',
    );
  }
  return new JobClass();
}

/** A class without a constructor of its own passes on what it is given, and says itself that it takes nothing. */
function parametersOf(JobClass: unknown): number {
  let from = JobClass;
  while (typeof from === 'function' && from.length === 0 && !/\bconstructor\b/.test(sourceOf(from))) {
    from = Object.getPrototypeOf(from);
  }
  return typeof from === 'function' ? from.length : 0;
}

function sourceOf(JobClass: unknown): string {
  return Function.prototype.toString.call(JobClass);
}
