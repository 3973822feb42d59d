import { type MikroORM, Utils } from '@mikro-orm/core';
import { fs } from '@mikro-orm/core/fs-utils';
import { dialectOf } from '../database/dialectOf.ts';
import { CronJobError } from '../errors.ts';
import { exportsOf, LoadError, whileLoading } from '../util/loading.ts';
import { messageOf, namedMessageOf } from '../util/thrown.ts';
import { buildJob } from './buildJob.ts';
import { checkJob } from './checkJob.ts';
import { checkRunsAfter } from './checkRunsAfter.ts';
import { type CronJobBase, type CronJobClass, isJob, isJobClass } from './CronJobBase.ts';
import {
  attachContainer,
  containerOf,
  isJobContainerSource,
  type JobContainer,
  type JobContainerSource,
} from './JobContainer.ts';

/**
 * What a host lists in `jobs`: a job class, a job made by `defineCronJob()`, a path or glob of files that export such, or
 * the jobs of a container, such as `nestJobs()`.
 */
export type JobSource = CronJobClass | CronJobBase | string | JobContainerSource;

/** The settings needed to load jobs. */
export interface JobSettings {
  readonly jobs: readonly JobSource[];
  readonly jobsTs: readonly JobSource[];
  readonly connectTimeoutSeconds: number;
  readonly createJob: (JobClass: new (...args: never[]) => CronJobBase) => CronJobBase | Promise<CronJobBase>;
}

interface Found {
  readonly job: CronJobClass | CronJobBase;
  /** Where it came from, for error messages. */
  readonly origin: string;
}

interface Built {
  readonly job: CronJobBase;
  /** What it is and where it came from, for error messages. */
  readonly label: string;
}

/**
 * Finds, builds and checks the host's jobs, in the order of `jobs`.
 *
 * @throws CronJobError naming the class or file when a module throws on import or does not finish in time, a glob finds no
 * job, a class is not a job class, or a code is missing, empty, too long or doubled.
 */
export async function loadJobs(orm: MikroORM, settings: JobSettings): Promise<CronJobBase[]> {
  const preferTs = orm.config.get('preferTs', Utils.detectTypeScriptSupport());
  const sources = preferTs ? settings.jobsTs : settings.jobs;
  const setting = sources === settings.jobs ? 'jobs' : 'jobsTs';
  const container = await findContainer(sources, orm, settings);
  const found = new Map<CronJobClass | CronJobBase, Found>();
  for (const source of container ? [...sources, container] : sources) {
    for (const item of await findIn(source, orm, setting, settings)) {
      // A class may be both listed and found by a glob.
      found.set(item.job, found.get(item.job) ?? item);
    }
  }
  const built: Built[] = [];
  for (const item of found.values()) {
    built.push(await build(item, settings, container));
  }
  checkDoubles(built);
  const jobs = built.map(({ job }) => job);
  checkRunsAfter(jobs);
  checkIsolation(jobs, orm);
  return jobs;
}

async function findIn(
  source: JobSource | JobContainer,
  orm: MikroORM,
  setting: string,
  settings: JobSettings,
): Promise<readonly Found[]> {
  if (typeof source === 'string') {
    return findJobs(source, orm.config.get('baseDir'), setting, settings);
  }
  if (isJobContainerSource(source)) {
    return containerOf(orm)?.jobs() ?? [];
  }
  return isJobClass(source) || isJob(source) ? [{ job: source, origin: 'jobs' }] : source.jobs();
}

/** The container of the application that runs here; in a command, the one that `jobs` says how to boot. */
async function findContainer(
  sources: readonly JobSource[],
  orm: MikroORM,
  settings: JobSettings,
): Promise<JobContainer | undefined> {
  const source = sources.find(isJobContainerSource);
  if (!source || containerOf(orm)) {
    return containerOf(orm);
  }
  const what = `cron({ jobs: [${source.name}] }): the application cannot be booted`;
  if (dialectOf(orm).dataFolder?.(orm.config) !== undefined) {
    throw new CronJobError(
      `${what}: its PGlite folder serves one ORM at a time, and the command has it open already; run the jobs within the application, or use a database server`,
    );
  }
  try {
    attachContainer(orm, await whileLoading({ what, ...limitOf(settings) }, source.open));
  } catch (cause) {
    throw new CronJobError(cause instanceof LoadError ? `${what}: ${cause.message}` : messageOf(cause), { cause });
  }
  return containerOf(orm);
}

async function findJobs(pattern: string, baseDir: string, setting: string, settings: JobSettings): Promise<Found[]> {
  const paths = fs.glob(pattern, fs.absolutePath(baseDir)).map(path => fs.absolutePath(path, baseDir));
  const files = paths.filter(path => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path)).sort();
  const found: Found[] = [];
  for (const file of files) {
    found.push(...(await importJobs(file, settings)));
  }
  if (found.length === 0) {
    throw new CronJobError(
      `cron({ ${setting} }): '${pattern}' finds no job in ${baseDir} (${files.length} files looked at); ` +
        'it must match files that export a subclass of CronJobBase or the result of defineCronJob()',
    );
  }
  return found;
}

async function importJobs(file: string, settings: JobSettings): Promise<Found[]> {
  const origin = fs.relativePath(file, process.cwd());
  const what = `Job file ${origin} cannot be imported`;
  try {
    const module = await whileLoading({ what, ...limitOf(settings) }, async () => fs.dynamicImport<object>(file));
    // An export can be a getter, or not have a value yet: reading it may throw.
    return Object.values(exportsOf(module))
      .filter(value => isJobClass(value) || isJob(value))
      .map(job => ({ job, origin }));
  } catch (cause) {
    throw new CronJobError(`${what}: ${loadTextOf(cause)}`, { cause });
  }
}

async function build({ job, origin }: Found, settings: JobSettings, container?: JobContainer): Promise<Built> {
  if (!isJobClass(job)) {
    checkBuilt(job, `Job of defineCronJob() in ${origin}`);
    return { job, label: `defineCronJob() in ${origin}` };
  }
  const label = `${job.name || '(anonymous class)'} in ${origin}`;
  const what = `Job ${label} cannot be built`;
  let built: unknown;
  try {
    const JobClass = job as unknown as new (...args: never[]) => CronJobBase;
    // A host's own createJob knows better.
    const isContained = container !== undefined && settings.createJob === buildJob;
    built = await whileLoading({ what, ...limitOf(settings) }, async () =>
      isContained ? container.build(JobClass) : settings.createJob(JobClass),
    );
  } catch (cause) {
    throw new CronJobError(`${what}: ${messageOf(cause)}`, { cause });
  }
  if (!isJob(built)) {
    throw new CronJobError(
      `Job ${label}: createJob returned ${String(built)}; it must return an instance of the class`,
    );
  }
  checkBuilt(built, `Job ${label}`);
  return { job: built, label };
}

/** A member may be a getter, and throw. */
function checkBuilt(job: CronJobBase, name: string): void {
  try {
    checkJob(job, name);
  } catch (cause) {
    throw cause instanceof CronJobError ? cause : new CronJobError(`${name}: ${namedMessageOf(cause)}`, { cause });
  }
}

function limitOf({ connectTimeoutSeconds }: JobSettings): { seconds: number; limitName: string } {
  return { seconds: connectTimeoutSeconds, limitName: 'connectTimeoutSeconds' };
}

function loadTextOf(cause: unknown): string {
  return cause instanceof LoadError ? cause.message : namedMessageOf(cause);
}

function checkDoubles(jobs: readonly Built[]): void {
  const seen = new Map<string, string>();
  for (const { job, label } of jobs) {
    // Databases that compare without case or trailing blanks would take the two for one.
    const key = job.code.trim().toLowerCase();
    const twin = seen.get(key);
    if (twin !== undefined) {
      throw new CronJobError(`Jobs ${twin} and ${label} have the same code '${job.code}'; codes must be unique`, {
        jobCode: job.code,
      });
    }
    seen.set(key, label);
  }
}

function checkIsolation(jobs: CronJobBase[], orm: MikroORM): void {
  const dbName = orm.config.get('dbName') ?? '';
  const isolated = jobs.find(({ isolation }) => isolation === 'process');
  if (isolated && dialectOf(orm).isWithinProcess?.(dbName)) {
    throw new CronJobError(
      `Job ${isolated.constructor.name}: isolation 'process' is not possible with the database '${dbName}', which lives in this process alone; leave isolation out, or use a database server`,
      { jobCode: isolated.code },
    );
  }
}
