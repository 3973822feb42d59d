import { ConsoleLogger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CronError } from '../errors.ts';
import { JobContainerSource } from '../job/JobContainer.ts';
import { exportsOf } from '../util/loading.ts';
import { messageOf } from '../util/thrown.ts';
import { type NestCron, nestCronToken } from './NestCron.ts';

/** Options of `nestJobs()`. */
export interface NestJobsOptions {
  /**
   * The MikroORM context whose `cron()` this is for, as given to `CronModule.forRoot({ contextName })`.
   *
   * @default the default context
   */
  readonly contextName?: string;
}

/** A NestJS module, or the namespace of the file that exports it. */
export type NestModuleExport = Type | DynamicModule | object;

/**
 * For `jobs` of `cron()`: the jobs that a NestJS application holds. Within the application they come from its
 * `CronModule`; a command boots an application context, without a server, from the module that `load` imports.
 *
 * @param load imports the application's root module; called by commands that need the jobs only
 * @example
 * ```ts
 * export default defineConfig({
 *   extensions: [Migrator, cron({ jobs: [nestJobs(() => import('./app.module.js'))] })],
 * });
 * ```
 */
export function nestJobs(
  load: () => NestModuleExport | Promise<NestModuleExport>,
  { contextName }: NestJobsOptions = {},
): JobContainerSource {
  return new JobContainerSource('nestJobs()', async () => {
    const root = rootModule(await load());
    const logger = new BootLogger();
    const app = await boot(root, logger);
    try {
      const cron = app.get<NestCron>(nestCronToken(contextName), { strict: false });
      logger.booted();
      return {
        jobs: () => cron.jobs(),
        build: async JobClass => cron.build(JobClass),
        [Symbol.asyncDispose]: async () => app.close(),
      };
    } catch (cause) {
      await app.close();
      const call =
        contextName === undefined ? 'CronModule.forRoot()' : `CronModule.forRoot({ contextName: '${contextName}' })`;
      throw new CronError(`nestJobs(): ${nameOf(root)} does not import ${call} of mikro-orm-cron/nestjs`, { cause });
    }
  });
}

async function boot(root: Type | DynamicModule, logger: BootLogger) {
  try {
    // An error must come to us: Nest would end the process.
    return await NestFactory.createApplicationContext(root, { logger, abortOnError: false });
  } catch (cause) {
    throw new CronError(`nestJobs(): ${nameOf(root)} cannot be booted: ${messageOf(cause)}`, { cause });
  }
}

/** The root module of what `load` gave: a module itself, or the one that a file exports. */
function rootModule(loaded: NestModuleExport): Type | DynamicModule {
  if (isModule(loaded)) {
    return loaded;
  }
  const found = Object.entries(exportsOf(loaded)).filter((entry): entry is [string, Type | DynamicModule] =>
    isModule(entry[1]),
  );
  const root =
    found.length === 1
      ? found[0]
      : (found.find(([name]) => name === 'AppModule') ?? found.find(([name]) => name === 'default'));
  if (!root) {
    const what =
      found.length === 0 ? 'no NestJS module' : `${found.length} modules, ${found.map(([name]) => name).join(', ')}`;
    throw new CronError(
      `nestJobs(): what was loaded exports ${what}; name the root module: nestJobs(async () => (await import('./app.module.js')).AppModule)`,
    );
  }
  return root[1];
}

function isModule(value: unknown): value is Type | DynamicModule {
  if (typeof value === 'object' && value !== null && 'module' in value) {
    return typeof value.module === 'function';
  }
  // What @Module() leaves on a class.
  return (
    typeof value === 'function' &&
    ['imports', 'providers', 'controllers', 'exports'].some(key => Reflect.getMetadata(key, value) !== undefined)
  );
}

function nameOf(root: Type | DynamicModule): string {
  return 'module' in root ? root.module.name : root.name;
}

/** Nest's own logger, without its account of the boot on stdout; what goes wrong there goes to stderr. */
class BootLogger extends ConsoleLogger {
  #isBooting = true;

  booted(): void {
    this.#isBooting = false;
  }

  protected override printMessages(
    ...[messages, context, level, stream, ...rest]: Parameters<ConsoleLogger['printMessages']>
  ): void {
    const isTrouble = level === 'warn' || level === 'error' || level === 'fatal';
    if (!this.#isBooting || isTrouble) {
      super.printMessages(messages, context, level, this.#isBooting ? 'stderr' : stream, ...rest);
    }
  }
}
