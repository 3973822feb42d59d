import { inspect } from 'node:util';
import { MikroORM } from '@mikro-orm/sqlite';
import { describe, expect, it } from 'vitest';
import { cacheLock, cron, cronEntities, getCronRunner, memoryCache, webhookNotifier } from '../../src/index.ts';

describe('runner.settings', () => {
  const settings = {
    jobs: [],
    timeZone: 'Europe/Prague',
    lock: cacheLock({ cache: Object.assign(memoryCache(), { url: 'redis://:hunter2@cache' }) }),
    caches: { default: Object.assign(memoryCache(), { url: 'redis://:hunter2@cache' }) },
    mail: { transport: 'smtps://me:hunter2@mail.example.com', from: 'a@example.com', admins: ['b@example.com'] },
    notifiers: [webhookNotifier('https://hooks.example.com/hunter2')],
  };
  const runner = getCronRunner(
    new MikroORM({ dbName: ':memory:', entities: cronEntities, extensions: [cron(settings)] }),
  );

  it('has the plain values, with their defaults, and cannot be changed', () => {
    expect(runner.settings).toMatchObject({ timeZone: 'Europe/Prague', concurrency: 1, lockTimeSeconds: 300 });
    expect(() => Object.assign(runner.settings, { concurrency: 2 })).toThrow(TypeError);
  });

  it('has no value that can hold a secret', () => {
    for (const name of ['mail', 'notifiers', 'caches', 'lock', 'jobs', 'createJob', 'describeError', 'onJobFailure']) {
      expect(runner.settings).not.toHaveProperty(name);
    }
    expect(inspect(runner.settings, { depth: null, showHidden: true, getters: true })).not.toContain('hunter2');
  });

  it('is all that printing the runner shows of the settings', () => {
    expect(inspect(runner, { depth: 6, showHidden: true, getters: true })).not.toContain('hunter2');
    expect(JSON.stringify(runner.settings)).toBe(JSON.stringify({ ...runner.settings }));
  });
});
