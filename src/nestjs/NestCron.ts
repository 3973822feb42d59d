import { MikroORM } from '@mikro-orm/core';
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, type ModuleRef } from '@nestjs/core';
import { CronError } from '../errors.ts';
import { isWithinCommand } from '../host/commands.ts';
import { type CronJobBase, type CronJobClass, isJob, isJobClass } from '../job/CronJobBase.ts';
import { attachContainer, type JobContainer } from '../job/JobContainer.ts';
import type { CronRunner } from '../runner/CronRunner.ts';
import { getCronRunner } from '../runner/extension.ts';
import type { LoopOptions } from '../runner/RunOptions.ts';

/** Options of `CronModule.forRoot()`. */
export interface CronModuleOptions {
  /**
   * The MikroORM context whose `cron()` this is of, as it is called in `MikroOrmModule.forRoot({ contextName })`.
   *
   * @default the default context
   */
  readonly contextName?: string;

  /**
   * The job classes of this context. Needed where an application has several `CronModule`s, so that each job runs in one.
   *
   * @default all providers that extend `CronJobBase`
   */
  readonly jobs?: readonly CronJobClass[];

  /**
   * When the loop starts: once the server listens, once the application has been bootstrapped (for a worker or microservice,
   * which listens to no HTTP), or never, where crontab calls `runcrons`. In a command of this package it never does.
   *
   * @default 'listen'
   */
  readonly start?: 'listen' | 'bootstrap' | 'never';

  /**
   * Options of the loop, as `runner.start()` takes them.
   *
   * @default {}
   */
  readonly loop?: Omit<LoopOptions, 'stop' | 'shutdown'>;
}

/** The name by which the container has the `NestCron` of a context. */
export function nestCronToken(contextName: string | undefined): string {
  return `mikro-orm-cron:${contextName ?? 'default'}`;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A provider that is a job: by its class, or ready made by a factory or as a value. */
interface JobProvider {
  readonly job: CronJobClass | CronJobBase;
  readonly origin: string;
}

/** The jobs of a NestJS application and their loop, for one MikroORM context. */
export class NestCron implements JobContainer, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly options: CronModuleOptions;
  readonly #moduleRef: ModuleRef;
  #runner: CronRunner | undefined;
  #listening: { unsubscribe(): void } | undefined;

  constructor(options: CronModuleOptions, moduleRef: ModuleRef) {
    this.options = options;
    this.#moduleRef = moduleRef;
  }

  onModuleInit(): void {
    const { contextName, jobs } = this.options;
    const others = this.#providers().filter(({ instance }) => instance instanceof NestCron);
    if (others.length > 1 && !jobs) {
      throw new CronError(
        `CronModule.forRoot(): the application has ${others.length} of them, and this one, of ${contextName ? `context '${contextName}'` : 'the default context'}, has no jobs: give each the jobs that it runs, as in CronModule.forRoot({ contextName: 'reports', jobs: [SendReport] })`,
      );
    }
    const orm = this.#orm();
    this.#runner = getCronRunner(orm);
    attachContainer(orm, this);
  }

  /** A job that cannot be built keeps the application from starting, as any other provider does. */
  async onApplicationBootstrap(): Promise<void> {
    const { start = 'listen' } = this.options;
    if (isWithinCommand() || start === 'never') {
      return;
    }
    await this.#runner?.jobs();
    if (start === 'bootstrap') {
      return this.#start();
    }
    const host: Partial<HttpAdapterHost> = this.#moduleRef.get(HttpAdapterHost, { strict: false });
    // An application context has no adapter. Tests that only init() a server do not listen.
    if (host.httpAdapter) {
      this.#listening = host.listen$?.subscribe(() => this.#start());
      if (!host.listen$) {
        // The first releases of NestJS 10 do not say when they listen.
        this.#start();
      }
    }
  }

  /** The first of Nest's hooks on shutdown: MikroORM closes in a later one. */
  async onModuleDestroy(): Promise<void> {
    this.#listening?.unsubscribe();
    await this.#runner?.stop();
  }

  jobs(): readonly JobProvider[] {
    const wanted = this.options.jobs;
    const found = new Map<CronJobClass | CronJobBase, JobProvider>();
    for (const wrapper of this.#providers()) {
      const { metatype, instance } = wrapper as { metatype: unknown; instance: unknown };
      const job = isJobClass(metatype) ? metatype : isJob(instance) ? instance : undefined;
      if (job && !found.has(job) && (!wanted || wanted.some(JobClass => job === JobClass || job instanceof JobClass))) {
        found.set(job, { job, origin: `the NestJS module ${wrapper.host?.name ?? 'of no name'}` });
      }
    }
    const missing = wanted?.filter(
      JobClass => !found.has(JobClass) && ![...found.keys()].some(job => job instanceof JobClass),
    );
    return [...found.values(), ...(missing ?? []).map(job => ({ job, origin: 'CronModule.forRoot({ jobs })' }))];
  }

  async build(JobClass: new (...args: never[]) => CronJobBase): Promise<CronJobBase> {
    checkTypes(JobClass);
    const wrapper = this.#providers().find(({ metatype }) => (metatype as unknown) === JobClass);
    if (!wrapper) {
      // Such as the package's own jobs, which need no provider.
      return this.#moduleRef.create(JobClass as new (...args: unknown[]) => CronJobBase);
    }
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
      // What is made for each request has no instance of its own; a job is made once.
      return this.#moduleRef.resolve<CronJobBase>(wrapper.token as string, undefined, { strict: false });
    }
    return wrapper.instance as CronJobBase;
  }

  #start(): void {
    if (!isWithinCommand()) {
      this.#runner?.start(this.options.loop);
    }
  }

  #providers(): Wrapper[] {
    return this.#moduleRef.get(DiscoveryService, { strict: false }).getProviders();
  }

  #orm(): MikroORM {
    const { contextName } = this.options;
    try {
      return this.#moduleRef.get<MikroORM>(contextName ? `${contextName}_MikroORM` : MikroORM, { strict: false });
    } catch (cause) {
      const where = contextName ? `a MikroORM context '${contextName}'` : 'MikroORM';
      const call = contextName
        ? `MikroOrmModule.forRoot({ contextName: '${contextName}', … })`
        : 'MikroOrmModule.forRoot()';
      throw new CronError(
        `CronModule.forRoot(): the application does not have ${where}; import ${call} of @mikro-orm/nestjs, and see that @mikro-orm/core is installed once: npm ls @mikro-orm/core`,
        { cause },
      );
    }
  }
}

/**
 * Nest injects nothing into a constructor of whose types it knows nothing, and the job would fail only when it runs.
 *
 * @throws CronError naming the loaders and bundlers that leave the types out.
 */
function checkTypes(JobClass: new (...args: never[]) => CronJobBase): void {
  const knows = (key: string) => Reflect.getMetadata(key, JobClass) !== undefined;
  if (JobClass.length > 0 && !knows('design:paramtypes') && !knows('self:paramtypes')) {
    throw new CronError(
      'NestJS does not know the types of its constructor parameters: add @Injectable(), and compile with emitDecoratorMetadata; ' +
        'tsx, esbuild and vite ignore that option, so use @Inject() for each parameter, the compiled config, or MIKRO_ORM_CLI_TS_LOADER=swc',
    );
  }
}
