import { CronJobError } from '../errors.ts';
import type { CronJobBase } from './CronJobBase.ts';

/**
 * The jobs of these names, each a class name or a code, in the order in which the jobs are registered; all without names.
 *
 * @throws CronJobError when a name is unknown, listing the known ones.
 */
export function selectJobs(jobs: readonly CronJobBase[], names: readonly string[]): readonly CronJobBase[] {
  if (names.length === 0) {
    return jobs;
  }
  const isNamed = (job: CronJobBase, name: string) => job.code === name || job.constructor.name === name;
  const unknown = names.filter(name => !jobs.some(job => isNamed(job, name)));
  if (unknown.length > 0) {
    const known = jobs.map(job => job.code).join(', ') || 'none: no job is registered';
    throw new CronJobError(`There is no job ${unknown.map(name => `'${name}'`).join(', ')}; known jobs: ${known}`);
  }
  return jobs.filter(job => names.some(name => isNamed(job, name)));
}
