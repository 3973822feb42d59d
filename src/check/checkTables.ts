import { type AbstractSqlConnection, type AbstractSqlPlatform, DatabaseSchema } from '@mikro-orm/sql';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';
import { compareTables, ourEntities, wantedSchema } from './compareTables.ts';

/** Whether the tables are in the database, with their columns and indexes, as the entities map them. */
export async function checkTables({ orm }: CheckContext): Promise<Finding[]> {
  const names = ourEntities(orm).map(({ tableName }) => tableName);
  const there = await DatabaseSchema.create(
    orm.em.getConnection() as AbstractSqlConnection,
    orm.driver.getPlatform() as AbstractSqlPlatform,
    orm.config,
    undefined,
    wantedSchema(orm).getNamespaces(),
    names,
  );
  const problems = compareTables(there, orm);
  return problems.length === 0
    ? [ok(`${names.join(' and ')} are as they shall be`)]
    : problems.map(text => problem(text, 'run `npx mikro-orm-cron cron:install`, then `npx mikro-orm migration:up`'));
}
