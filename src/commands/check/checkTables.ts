import { type EntityClass, InvalidFieldNameException, type MikroORM, TableNotFoundException } from '@mikro-orm/core';
import {
  type AbstractSqlConnection,
  type AbstractSqlPlatform,
  DatabaseSchema,
  type EntityManager,
} from '@mikro-orm/sql';
import { dialectOf } from '../../database/dialectOf.ts';
import { databaseMessageOf } from '../../database/explainDatabaseError.ts';
import { ownEm, tableName } from '../../database/ourTables.ts';
import { CronJobLog } from '../../history/CronJobLog.ts';
import { CronJobLock } from '../../lock/CronJobLock.ts';
import { CronJobState } from '../../state/CronJobState.ts';
import { messageOf } from '../../util/thrown.ts';
import { HostMigrations } from '../install/HostMigrations.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';
import { INSTALL } from './checkMigrations.ts';
import { compareTables, ourEntities, wantedSchema } from './compareTables.ts';

/** Whether the tables are in the database, with their columns and indexes, as the entities map them. */
export async function checkTables({ orm }: CheckContext): Promise<Finding[]> {
  const denied = await rightsProblem(orm);
  if (denied !== undefined && /read.?only/i.test(denied)) {
    return [
      problem(
        `the database cannot be written to: ${denied}`,
        'connect to the primary, by a user and to a file that may be written to',
      ),
    ];
  }
  if (denied !== undefined) {
    return [
      problem(
        denied,
        'grant the user of the MikroORM config select, insert, update and delete on cron_job_log, cron_job_lock and cron_job_state',
      ),
    ];
  }
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
    ? [ok(`${names.slice(0, -1).join(', ')} and ${names.at(-1)} match the entities`)]
    : [problem(problems.join('; '), await remedyOf(orm))];
}

/** To install the shipped migration beside one of the host's that creates the tables as well would make things worse. */
async function remedyOf(orm: MikroORM): Promise<string> {
  const migrations = new HostMigrations(orm.em as unknown as EntityManager);
  const isInstalled = (await migrations.lacking(dialectOf(orm).migrations)).length === 0;
  const isThere = isInstalled || (await migrations.ownCreator()) !== undefined;
  return isThere
    ? 'run `npx mikro-orm migration:up`; when it finds nothing to run, they were changed by hand'
    : INSTALL;
}

/** A database does not list tables on which the user has no rights: to it they are not there. */
async function rightsProblem(orm: MikroORM): Promise<string | undefined> {
  const em = ownEm(orm);
  const entities: readonly EntityClass<object>[] = [CronJobLog, CronJobLock, CronJobState];
  for (const entity of entities) {
    const name = tableName(orm.em, entity);
    const columns = orm
      .getMetadata(entity)
      .props.filter(({ autoincrement, persist }) => !autoincrement && persist !== false)
      .flatMap(({ fieldNames }) => fieldNames)
      .join(', ');
    // Statements that change no row, but that a user without rights, a replica or a read-only file refuses.
    for (const statement of [
      `select 1 from ${name} where 1 = 0`,
      `insert into ${name} (${columns}) select ${columns} from ${name} where 1 = 0`,
      `update ${name} set code = code where 1 = 0`,
      `delete from ${name} where 1 = 0`,
    ]) {
      try {
        await em.execute(statement);
      } catch (error) {
        if (!isAboutMissing(error)) {
          return databaseMessageOf(error);
        }
      }
    }
  }
  return undefined;
}

/** Tables and columns that are missing are for compareTables() to find. MikroORM knows only one of SQLite's two texts. */
function isAboutMissing(error: unknown): boolean {
  return (
    error instanceof TableNotFoundException ||
    error instanceof InvalidFieldNameException ||
    messageOf(error).includes(' has no column named ')
  );
}
