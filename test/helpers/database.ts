import { randomBytes } from 'node:crypto';
import type { Options } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import { inject } from 'vitest';
import { TEMPLATE } from './globalSetup.ts';
import { refuseInUnit } from './refuseInUnit.ts';

/** A database of a test's own, cloned from the migrated template. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Makes an ORM of a host there. */
  init(options: Partial<Options>): Promise<MikroORM>;
  /** Runs SQL as an onlooker: no entity, no code of ours between. */
  sql<Row = Record<string, unknown>>(query: string, parameters?: unknown[]): Promise<Row[]>;
}

/** Clones the template; `template0` gives a database without our tables. */
export async function createTestDatabase(template: string = TEMPLATE): Promise<TestDatabase> {
  refuseInUnit('a database');
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template ${template}`);
  const url = `${server}/${name}`;
  const onlooker = await connect(url);
  return {
    url,
    init: options => MikroORM.init({ clientUrl: url, ...options } as never),
    sql: async (query, parameters) => onlooker.em.fork().execute(query, parameters),
    async [Symbol.asyncDispose]() {
      await onlooker.close(true);
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const orm = await connect(`${server}/postgres`);
  try {
    await orm.em.execute(statement);
  } finally {
    await orm.close(true);
  }
}

async function connect(clientUrl: string): Promise<MikroORM> {
  return MikroORM.init({ clientUrl, entities: [], discovery: { warnWhenNoEntities: false }, allowGlobalContext: true });
}
