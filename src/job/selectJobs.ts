import { CronJobError } from '../errors.ts';
import type { CronJobBase } from './CronJobBase.ts';
import { matchesName } from './namePattern.ts';

/**
 * The jobs of these names, each a class name, a code, or a pattern of one such as `billing.*`, in the order in which the
 * jobs are registered; all without names.
 *
 * @throws CronJobError when a name is unknown, listing the known ones.
 */
export function selectJobs(jobs: readonly CronJobBase[], names: readonly string[]): readonly CronJobBase[] {
  if (names.length === 0) {
    return jobs;
  }
  const unknown = names.filter(name => !jobs.some(job => isNamed(job, name)));
  if (unknown.length > 0) {
    const known = jobs.map(job => job.code).join(', ') || 'none: no job is registered';
    throw new CronJobError(`There is no job ${unknown.map(name => `'${name}'`).join(', ')}; known jobs: ${known}`);
  }
  return jobs.filter(job => names.some(name => isNamed(job, name)));
}

/** Whether a class name, code or pattern means this job. */
export function isNamed(job: CronJobBase, name: string): boolean {
  return matchesName(job.code, name) || matchesName(job.constructor.name, name);
}
