import { InvalidFieldNameException, type MikroORM, TableNotFoundException } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import { oneLine } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';

const INSTALL = 'run `npx mikro-orm-cron cron:install` and then `npx mikro-orm migration:up`';

/** What MikroORM's exceptions at a statement of ours say of our tables. */
const SCHEMA_TROUBLE = [
  { type: TableNotFoundException, is: 'missing' },
  { type: InvalidFieldNameException, is: 'those of an older version' },
];

/** By name too: the host's driver may stand on another copy of MikroORM than ours. */
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Turns what the driver threw at the first statement of a tick into one clear line with the way out. */
export function explainDatabaseError(error: unknown, orm: MikroORM): CronError {
  if (error instanceof CronError) {
    return error;
  }
  const trouble = SCHEMA_TROUBLE.find(({ type }) => error instanceof type || isNamed(error, type.name))?.is;
  if (trouble !== undefined) {
    return new CronError(`Database: the tables of mikro-orm-cron are ${trouble}; ${INSTALL}`, { cause: error });
  }
  return new CronError(`Database '${orm.config.get('dbName')}': ${databaseMessageOf(error)}`, { cause: error });
}

/**
 * What the database said, in one line. Without the detail and hint that MikroORM adds: the detail names values, and the
 * hint is no answer without the question. A connection error of Node can have an empty message and its reasons in `errors`.
 */
export function databaseMessageOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof AggregateError ? error.cause : error;
  if (inner instanceof AggregateError && inner.errors.length > 0) {
    return inner.errors.map(databaseMessageOf).join('; ');
  }
  const [said = ''] = messageOf(error).split(/\n - (?:detail|hint): /, 1);
  // Some drivers put the statement before the database's own words.
  const statement = /^(?:select|insert|update|delete|with|begin|commit)\b.* - (?=\S)/is.exec(said)?.[0] ?? '';
  return oneLine(said.slice(statement.length));
}
