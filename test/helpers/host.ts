import type { Options } from '@mikro-orm/core';
import type { SqlMikroORM } from '@mikro-orm/sql';
import {
  cron,
  cronEntities,
  type CronRunner,
  type CronSettings,
  getCronRunner,
  type TickEvent,
} from '../../src/index.ts';

/** A host in this process: an ORM with `cron()` on a test's database, and an ear on its statements and events. */
export interface TestHost extends AsyncDisposable {
  readonly orm: SqlMikroORM;
  readonly runner: CronRunner;
  /** The statements sent since the last call, without BEGIN and COMMIT. */
  statements(): string[];
}

export async function createTestHost(
  database: { init(options: Partial<Options>): Promise<unknown> },
  settings: CronSettings,
  options: Partial<Options> = {},
): Promise<TestHost> {
  const statements: string[] = [];
  const orm = (await database.init({
    entities: cronEntities,
    extensions: [cron(settings)],
    debug: ['query'],
    colors: false,
    logger: message => {
      const statement = message.replace(/^\[query\] /, '').replace(/ \[took .*$/s, '');
      if (!/^(begin|start transaction|set transaction|commit|rollback)/i.test(statement)) {
        statements.push(statement);
      }
    },
    ...options,
  })) as SqlMikroORM;
  return {
    orm,
    runner: getCronRunner(orm),
    statements: () => statements.splice(0),
    [Symbol.asyncDispose]: () => orm.close(true),
  };
}

/** Collects a tick's events by type. */
export function recordEvents(): { onEvent: (event: TickEvent) => void; types: () => string[]; events: TickEvent[] } {
  const events: TickEvent[] = [];
  return { events, onEvent: event => void events.push(event), types: () => events.map(({ type }) => type) };
}
