import { CronJobError } from '../errors.ts';
import type { CronJobBase } from './CronJobBase.ts';

/**
 * The jobs of these names that have one of these tags, in the order in which the jobs are registered. A name is a class
 * name, a code, or a pattern of one such as `billing.*`. Without names all jobs are meant, and without tags any.
 *
 * @throws CronJobError when a name or tag is unknown, listing the known ones, or when no job has both.
 */
export function selectJobs(
  jobs: readonly CronJobBase[],
  names: readonly string[],
  tags: readonly string[] = [],
): readonly CronJobBase[] {
  const named = byName(jobs, names);
  const tagged = byTag(jobs, tags);
  const selected = jobs.filter(job => named.has(job) && tagged.has(job));
  if (selected.length === 0 && names.length > 0 && tags.length > 0) {
    throw new CronJobError(`There is no job ${list(names)} with the tag ${list(tags)}; leave one of the two out`);
  }
  return selected;
}

/** The jobs that a name means: those that are called so, or else those that match it as a pattern. */
export function jobsNamed(jobs: readonly CronJobBase[], name: string): readonly CronJobBase[] {
  const called = jobs.filter(job => job.code === name || job.constructor.name === name);
  return called.length > 0
    ? called
    : jobs.filter(job => matchesName(job.code, name) || matchesName(job.constructor.name, name));
}

function byName(jobs: readonly CronJobBase[], names: readonly string[]): ReadonlySet<CronJobBase> {
  if (names.length === 0) {
    return new Set(jobs);
  }
  const unknown = names.filter(name => jobsNamed(jobs, name).length === 0);
  if (unknown.length > 0) {
    const known = few(jobs.map(job => job.code)) || 'none: no job is registered';
    throw new CronJobError(`There is no job ${list(unknown)}; known jobs: ${known}`);
  }
  return new Set(names.flatMap(name => jobsNamed(jobs, name)));
}

function byTag(jobs: readonly CronJobBase[], tags: readonly string[]): ReadonlySet<CronJobBase> {
  if (tags.length === 0) {
    return new Set(jobs);
  }
  const known = new Set(jobs.flatMap(job => job.tags ?? []));
  const unknown = tags.filter(tag => !known.has(tag));
  if (unknown.length > 0) {
    const words = few([...known].sort()) || 'none: no job has tags';
    throw new CronJobError(`There is no job with the tag ${list(unknown)}; known tags: ${words}`);
  }
  return new Set(jobs.filter(job => job.tags?.some(tag => tags.includes(tag))));
}

function list(words: readonly string[]): string {
  return words.map(word => `'${word}'`).join(', ');
}

/** As many as a person reads. */
function few(words: readonly string[]): string {
  const more = words.length - 20;
  return more <= 5 ? words.join(', ') : `${words.slice(0, 20).join(', ')} and ${more} more, see cron:list`;
}

/** Whether a name given for jobs is a pattern: `billing.*`, `report_?`. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a text matches a name or pattern whole: `*` stands for any characters, `?` for one. */
export function matchesName(text: string, name: string): boolean {
  if (!isPattern(name)) {
    return text === name;
  }
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(text);
}
