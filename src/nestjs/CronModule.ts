import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import { type CronModuleOptions, NestCron, nestCronToken } from './NestCron.ts';

/**
 * The NestJS module of the cron jobs: finds the providers that extend `CronJobBase`, builds all jobs from the container,
 * starts the loop when the server listens, and stops it, waiting for runs, when the application shuts down.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [MikroOrmModule.forRoot(config), CronModule.forRoot()],
 *   providers: [Mailer, SendReminders],
 * })
 * export class AppModule {}
 * ```
 */
export class CronModule {
  /**
   * The module for one MikroORM context, whose config has `cron()`. Call `app.enableShutdownHooks()`, so that SIGTERM stops the
   * loop.
   */
  static forRoot(options: CronModuleOptions = {}): DynamicModule {
    return {
      module: CronModule,
      imports: [DiscoveryModule],
      providers: [
        {
          provide: nestCronToken(options.contextName),
          inject: [ModuleRef],
          useFactory: (moduleRef: ModuleRef) => new NestCron(options, moduleRef),
        },
      ],
    };
  }
}

// A decorator would keep Node from running this source as it is.
Module({})(CronModule);
