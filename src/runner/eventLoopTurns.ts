import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { AbstractSqlConnection } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';

/** Milliseconds that a job may await its database without the event loop making a turn. */
const LONGEST = 50;

/** Whether the code that is executing is a job's. */
const jobs = new AsyncLocalStorage<true>();

/** The queries that wait already. */
const waiting = new WeakSet<object>();

let lastTurn = 0;

/**
 * Runs a job whose database answers within this process without ever coming back to the event loop, as SQLite's does: a
 * job that awaits nothing else would keep all timers and signals waiting, and with them its time-out, its lock's
 * heartbeats and SIGTERM. So every now and then one of its queries waits for a turn of the event loop first. Queries of
 * anything but jobs go on as ever.
 */
export async function withEventLoopTurns<T>(orm: MikroORM, run: () => Promise<T>): Promise<T> {
  // Only where nobody can cancel a query is the database within this process.
  if (dialectOf(orm).abortStrategy !== 'ignore query') {
    return run();
  }
  const connection = orm.driver.getConnection() as AbstractSqlConnection;
  // What MikroORM itself executes: an aborted job's queries are refused before they get any further.
  waitBeforeExecute(connection);
  // Not awaited: a transaction around the tick may keep the only connection, and it is prepared before any later query.
  prepareDatabase(connection).catch(() => undefined);
  lastTurn = performance.now();
  return jobs.run(true, run);
}

async function turnIfLate(): Promise<void> {
  if (jobs.getStore() && performance.now() - lastTurn > LONGEST) {
    await turn();
    lastTurn = performance.now();
  }
}

function waitBeforeExecute(connection: AbstractSqlConnection): void {
  if (waiting.has(connection)) {
    return;
  }
  waiting.add(connection);
  const execute = connection.execute.bind(connection);
  connection.execute = async (...args) => {
    await turnIfLate();
    return execute(...args);
  };
}

/**
 * The database's own connection, of which there is one: all ways lead through it, also Kysely's queries, transactions and
 * streams. Kysely itself replaces these methods for its logging.
 */
async function prepareDatabase(connection: AbstractSqlConnection): Promise<void> {
  await connection.ensureConnection();
  await connection
    .getClient()
    .getExecutor()
    .provideConnection(async database => {
      if (waiting.has(database)) {
        return;
      }
      waiting.add(database);
      const executeQuery = database.executeQuery.bind(database);
      database.executeQuery = async (query, options) => {
        await turnIfLate();
        return executeQuery(query, options);
      };
      const streamQuery = database.streamQuery.bind(database);
      database.streamQuery = (query, size, options) => waitBetween(streamQuery(query, size, options));
    });
}

async function* waitBetween<Result>(results: AsyncIterable<Result>): AsyncGenerator<Result> {
  for await (const result of results) {
    await turnIfLate();
    yield result;
  }
}
