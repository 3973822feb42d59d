import type { MikroORM } from '@mikro-orm/core';
import type { CronJobBase, CronJobClass } from './CronJobBase.ts';

/** A dependency injection container, as the loading of jobs sees it. */
export interface JobContainer {
  /** The job classes that it has providers of, and jobs that it holds ready made; each with where it stands. */
  jobs(): readonly { readonly job: CronJobClass | CronJobBase; readonly origin: string }[];
  /** Builds a job with what its constructor asks for, be its class a provider or not. */
  build(JobClass: new (...args: never[]) => CronJobBase): Promise<CronJobBase>;
}

const brand = Symbol.for('mikro-orm-cron.jobContainerSource');

/** An item of `jobs` that stands for what a container holds, such as `nestJobs()`. */
export class JobContainerSource {
  /** @internal Its name in messages, as in "nestJobs()". */
  readonly name: string;
  /** @internal Boots the container, for a command; within the application there is one already. */
  readonly open: () => Promise<JobContainer & AsyncDisposable>;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @internal */
  constructor(name: string, open: () => Promise<JobContainer & AsyncDisposable>) {
    this.name = name;
    this.open = open;
  }
}

/** Whether a value stands for a container, also when it comes from another copy of this package. */
export function isJobContainerSource(value: unknown): value is JobContainerSource {
  return typeof value === 'object' && value !== null && brand in value;
}

/** One for all copies of the package in a process, as in `CronJobBase`. */
const registry = globalThis as {
  [key: symbol]: WeakMap<MikroORM, JobContainer & Partial<AsyncDisposable>> | undefined;
};
const containers = (registry[Symbol.for('mikro-orm-cron.jobContainers')] ??= new WeakMap());

/** Takes an ORM's jobs from this container. One that can be disposed of is, when the ORM is closed. */
export function attachContainer(orm: MikroORM, container: JobContainer & Partial<AsyncDisposable>): void {
  containers.set(orm, container);
}

/** The container of an ORM's jobs; `undefined` when there is none, or it is not booted yet. */
export function containerOf(orm: MikroORM): JobContainer | undefined {
  return containers.get(orm);
}

/** Closes what was booted for this ORM's jobs. */
export async function closeContainer(orm: MikroORM): Promise<void> {
  const container = containers.get(orm);
  containers.delete(orm);
  await container?.[Symbol.asyncDispose]?.();
}
