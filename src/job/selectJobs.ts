import { CronJobError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';
import type { CronJobBase } from './CronJobBase.ts';
import { isPattern, matchesName } from './matchesName.ts';

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

/**
 * The one job that a name selected.
 *
 * @param about what the message begins with, the name included: "cron:unlock: 'billing.*'"
 * @throws CronJobError when there are several.
 */
export function onlyJob([job, ...others]: readonly CronJobBase[], about: string): CronJobBase {
  if (!job || others.length > 0) {
    throw new CronJobError(`${about} matches several jobs; name one`);
  }
  return job;
}

/**
 * The jobs that a name means: the one with this code, or else the one of this class, or else those whose code or class
 * matches it as a pattern. A class that several jobs share, such as that of all of `defineCronJob()`, means none of them.
 *
 * @throws CronJobError when the name is a class that several jobs share.
 */
export function jobsNamed(jobs: readonly CronJobBase[], name: string): readonly CronJobBase[] {
  // What a bundler has made of a class's name may be another job's code.
  const coded = jobs.filter(job => job.code === name);
  if (coded.length > 0) {
    return coded;
  }
  const ofClass = jobs.filter(job => job.constructor.name === name);
  if (ofClass.length > 1) {
    const codes = few(ofClass.map(job => job.code));
    throw new CronJobError(`${ofClass.length} jobs are of the class '${name}'; name them by their codes: ${codes}`);
  }
  if (ofClass.length > 0 || !isPattern(name)) {
    return ofClass;
  }
  const classes = countClasses(jobs);
  return jobs.filter(
    job =>
      matchesName(job.code, name) ||
      (classes.get(job.constructor.name) === 1 && matchesName(job.constructor.name, name)),
  );
}

function countClasses(jobs: readonly CronJobBase[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { constructor } of jobs) {
    counts.set(constructor.name, (counts.get(constructor.name) ?? 0) + 1);
  }
  return counts;
}

function byName(jobs: readonly CronJobBase[], names: readonly string[]): ReadonlySet<CronJobBase> {
  if (names.length === 0) {
    return new Set(jobs);
  }
  const found = names.map(name => jobsNamed(jobs, name));
  const unknown = names.filter((_, index) => found[index]!.length === 0);
  if (unknown.length > 0) {
    const known = jobs.map(job => job.code);
    throw new CronJobError(
      `There is no job ${list(unknown)}${suggestion(unknown, known)}; known jobs: ${few(known) || 'none: no job is registered'}`,
    );
  }
  return new Set(found.flat());
}

function byTag(jobs: readonly CronJobBase[], tags: readonly string[]): ReadonlySet<CronJobBase> {
  if (tags.length === 0) {
    return new Set(jobs);
  }
  const known = new Set(jobs.flatMap(job => job.tags ?? []));
  const unknown = tags.filter(tag => !known.has(tag));
  if (unknown.length > 0) {
    const words = few([...known].sort()) || 'none: no job has tags';
    throw new CronJobError(
      `There is no job with the tag ${list(unknown)}${suggestion(unknown, [...known])}; known tags: ${words}`,
    );
  }
  return new Set(jobs.filter(job => job.tags?.some(tag => tags.includes(tag))));
}

function list(words: readonly string[]): string {
  return words.map(word => `'${word}'`).join(', ');
}

/** As many words as a person reads. */
export function few(words: readonly string[]): string {
  const more = words.length - 20;
  return more <= 5 ? words.join(', ') : `${words.slice(0, 20).join(', ')} and ${more} more, see cron:list`;
}

/** What somebody may have meant by names that are unknown; empty when nothing is near. */
export function suggestion(unknown: readonly string[], known: readonly string[]): string {
  const near = [...new Set(unknown.filter(name => !isPattern(name)).flatMap(name => nearest(name, known)))];
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
}
