import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/core';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig, MikroORM as SqliteORM } from '@mikro-orm/sqlite';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cron, cronEntities, CronJobBase, CronJobLog, getCronRunner, Schedule } from '../../src/index.ts';
import { CronModule, type CronModuleOptions } from '../../src/nestjs/index.ts';
import { runCli } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

const events: string[] = [];

class Slow extends CronJobBase {
  readonly code = 'nest.slow';
  readonly schedule = new Schedule({ runEveryMins: 5 });
  async do(): Promise<string> {
    events.push('started');
    await new Promise(resolve => setTimeout(resolve, 200));
    events.push('ended');
    return 'done';
  }
}
Injectable()(Slow);

/** A context name serves once in a process until its application is closed. */
function moduleOf(options: CronModuleOptions, context?: string): DynamicModule {
  class App {}
  Module({})(App);
  const config = defineConfig({ dbName: ':memory:', entities: cronEntities, extensions: [cron({ jobs: [] })] });
  return {
    module: App,
    imports: [
      MikroOrmModule.forRoot({
        ...config,
        ...(context !== undefined && { contextName: context, registerRequestContext: false }),
      }),
      CronModule.forRoot(options),
    ],
    providers: [Slow],
  };
}

const quiet = { logger: false, abortOnError: false } as const;

describe('CronModule in an application', () => {
  it('starts the loop when the server listens, not before, and waits for runs before the ORM is closed', async () => {
    events.length = 0;
    const app = await NestFactory.create(moduleOf({ loop: { sleepSeconds: 60 } }), quiet);
    const orm = app.get(MikroORM) as SqliteORM;
    await orm.schema.create();
    await app.init();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(events).toEqual([]);
    const close = orm.close.bind(orm);
    orm.close = async force => {
      events.push('closed');
      await close(force);
    };
    await app.listen(0, '127.0.0.1');
    await until('the job runs', async () => events.includes('started'));
    await app.close();
    expect(events).toEqual(['started', 'ended', 'closed']);
  });

  it('starts no loop in an application context', async () => {
    events.length = 0;
    const idle = await NestFactory.createApplicationContext(moduleOf({}), quiet);
    await (idle.get(MikroORM) as SqliteORM).schema.create();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(events).toEqual([]);
    expect((await getCronRunner(idle.get(MikroORM)).run()).jobs).toMatchObject([{ outcome: 'succeeded' }]);
    await idle.close();
  });

  it('starts the loop of a worker by start: bootstrap', async () => {
    events.length = 0;
    const worker = moduleOf({ start: 'bootstrap', loop: { sleepSeconds: 0.1 } });
    const app = await NestFactory.createApplicationContext(worker, quiet);
    await (app.get(MikroORM) as SqliteORM).schema.create();
    // The first tick may come before the tables, and is tried again.
    await until('the job runs', async () => events.includes('started'));
    await app.close();
    expect(events).toEqual(['started', 'ended']);
  });

  it('serves a named context, and refuses two modules that would run the same jobs', async () => {
    const named = await NestFactory.createApplicationContext(
      moduleOf({ contextName: 'reports', jobs: [Slow] }, 'reports'),
      quiet,
    );
    const orm = named.get<MikroORM>('reports_MikroORM', { strict: false });
    expect((await getCronRunner(orm).jobs()).map(({ code }) => code)).toEqual(['nest.slow']);
    await named.close();
    const two = moduleOf({});
    const both = { ...two, imports: [...two.imports!, CronModule.forRoot({ contextName: 'reports' })] };
    await expect(NestFactory.createApplicationContext(both, quiet)).rejects.toThrow(
      'CronModule.forRoot(): the application has 2 of them',
    );
  });

  it('refuses a job of whose parameters Nest knows nothing', async () => {
    class Untyped extends CronJobBase {
      readonly code = 'nest.untyped';
      readonly schedule = new Schedule({ runEveryMins: 5 });
      readonly greeter: unknown;
      constructor(greeter: unknown) {
        super();
        this.greeter = greeter;
      }
      do(): void {}
    }
    const base = moduleOf({ start: 'bootstrap' });
    await expect(NestFactory.createApplicationContext({ ...base, providers: [Untyped] }, quiet)).rejects.toThrow(
      'NestJS does not know the types of its constructor parameters',
    );
  });
});

describe('nestJobs in a command', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const config = ['--config', fileURLToPath(new URL('../fixtures/nestjs/app.ts', import.meta.url))];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-nest-'));
    env = { DB_FILE: join(folder, 'cron.db') };
    const orm = await SqliteORM.init({
      dbName: env['DB_FILE']!,
      entities: cronEntities,
      extensions: [cron({ jobs: [] })],
    });
    await orm.schema.create();
    await orm.close();
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('runs the jobs of the container, with what they need, and prints nothing of the boot', async () => {
    const { code, stdout, stderr } = await runCli(['runcrons', ...config, '--json'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('[Nest]');
    const orm = await SqliteORM.init({
      dbName: env['DB_FILE']!,
      entities: cronEntities,
      extensions: [cron({ jobs: [] })],
    });
    const rows = await orm.em.fork().find(CronJobLog, {}, { orderBy: { id: 1 } });
    await orm.close();
    expect(rows.map(row => [row.code, row.status, row.message])).toEqual(
      expect.arrayContaining([
        ['nest.send_greetings', 'succeeded', 'said good day'],
        ['nest.scoped', 'succeeded', 'said good day'],
      ]),
    );
    expect(rows).toHaveLength(3);
  });
});
