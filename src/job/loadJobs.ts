import { type MikroORM, Utils } from '@mikro-orm/core';
import { fs } from '@mikro-orm/core/fs-utils';
import { dialectOf } from '../database/dialectOf.ts';
import { CronJobError } from '../errors.ts';
import { messageOf, namedMessageOf } from '../util/thrown.ts';
import { checkJob } from './checkJob.ts';
import { type CronJobBase, type CronJobClass, isJob, isJobClass } from './CronJobBase.ts';

/** What the registry needs of the settings. */
export interface JobSettings {
  readonly jobs: readonly (CronJobClass | CronJobBase | string)[];
  readonly jobsTs: readonly (CronJobClass | CronJobBase | string)[];
  readonly createJob: (JobClass: new (...args: never[]) => CronJobBase) => CronJobBase | Promise<CronJobBase>;
}

interface Found {
  readonly job: CronJobClass | CronJobBase;
  /** Where it came from, for error messages. */
  readonly origin: string;
}

/**
 * Finds, builds and checks the host's jobs, in the order of `jobs`.
 *
 * @throws CronJobError naming the class or file when a module throws on import, a glob finds no job, a class is no job
 * class, or a code is missing, empty, too long or doubled.
 */
export async function loadJobs(orm: MikroORM, settings: JobSettings): Promise<CronJobBase[]> {
  const preferTs = orm.config.get('preferTs', Utils.detectTypeScriptSupport());
  const sources = preferTs ? settings.jobsTs : settings.jobs;
  const setting = sources === settings.jobs ? 'jobs' : 'jobsTs';
  const found = new Map<CronJobClass | CronJobBase, Found>();
  for (const source of sources) {
    for (const item of typeof source === 'string'
      ? await findJobs(source, orm.config.get('baseDir'), setting)
      : [listed(source)]) {
      // A class may be both listed and found by a glob.
      found.set(item.job, found.get(item.job) ?? item);
    }
  }
  const jobs: CronJobBase[] = [];
  for (const item of found.values()) {
    jobs.push(await build(item, settings));
  }
  checkDoubles(jobs);
  checkIsolation(jobs, orm);
  return jobs;
}

function listed(job: CronJobClass | CronJobBase): Found {
  return { job, origin: 'jobs' };
}

async function findJobs(pattern: string, baseDir: string, setting: string): Promise<Found[]> {
  const paths = fs.glob(pattern, fs.absolutePath(baseDir)).map(path => fs.absolutePath(path, baseDir));
  const files = paths.filter(path => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path)).sort();
  const found: Found[] = [];
  for (const file of files) {
    const exports = Object.values(await importModule(file));
    found.push(
      ...exports
        .filter(value => isJobClass(value) || isJob(value))
        .map(job => ({ job, origin: fs.relativePath(file, process.cwd()) })),
    );
  }
  if (found.length === 0) {
    throw new CronJobError(
      `cron({ ${setting} }): '${pattern}' finds no job in ${baseDir} (${files.length} files looked at); ` +
        'it must match files that export a subclass of CronJobBase or the result of defineCronJob()',
    );
  }
  return found;
}

async function importModule(file: string): Promise<object> {
  try {
    const module: object = await fs.dynamicImport(file);
    // A CommonJS module comes as its default export, with or without the names beside it.
    return 'default' in module && typeof module.default === 'object' && module.default !== null
      ? { ...module, ...module.default }
      : module;
  } catch (cause) {
    const text = namedMessageOf(cause);
    throw new CronJobError(`Job file ${fs.relativePath(file, process.cwd())} cannot be imported: ${text}`, { cause });
  }
}

async function build({ job, origin }: Found, settings: JobSettings): Promise<CronJobBase> {
  if (!isJobClass(job)) {
    checkJob(job, `Job of defineCronJob() in ${origin}`);
    return job;
  }
  const name = `Job ${job.name || '(anonymous class)'} in ${origin}`;
  let built: unknown;
  try {
    built = await settings.createJob(job as unknown as new (...args: never[]) => CronJobBase);
  } catch (cause) {
    throw new CronJobError(`${name} cannot be built: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (!isJob(built)) {
    throw new CronJobError(`${name}: createJob gave ${String(built)}; it must give an instance of the class`);
  }
  checkJob(built, name);
  return built;
}

function checkDoubles(jobs: CronJobBase[]): void {
  const seen = new Map<string, CronJobBase>();
  for (const job of jobs) {
    // Databases that compare without case or trailing blanks would take the two for one.
    const key = job.code.trim().toLowerCase();
    const twin = seen.get(key);
    if (twin) {
      throw new CronJobError(
        `Jobs ${twin.constructor.name} and ${job.constructor.name} have the same code '${job.code}'; a code must be one job's alone`,
        { jobCode: job.code },
      );
    }
    seen.set(key, job);
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
