import type { EntityClass, EntityMetadata, MikroORM } from '@mikro-orm/core';
import { type AbstractSqlPlatform, DatabaseSchema, SchemaComparator, type TableDifference } from '@mikro-orm/sql';
import { CronJobLog } from '../../history/CronJobLog.ts';
import { CronJobLock } from '../../lock/CronJobLock.ts';
import { CronJobState } from '../../state/CronJobState.ts';

/** Our entities as this host maps them. */
export function ourEntities(orm: MikroORM): EntityMetadata[] {
  return [CronJobLog, CronJobLock, CronJobState].map(entity =>
    orm.getMetadata(entity as EntityClass<object>),
  ) as EntityMetadata[];
}

/** The schema that our entities want. */
export function wantedSchema(orm: MikroORM): DatabaseSchema {
  return DatabaseSchema.fromMetadata(ourEntities(orm), orm.driver.getPlatform() as AbstractSqlPlatform, orm.config);
}

/**
 * What of our tables is not as the entities map it, in words; nothing when all is well. What is there beyond is the
 * host's own affair.
 */
export function compareTables(there: DatabaseSchema, orm: MikroORM): string[] {
  const comparator = new SchemaComparator(orm.driver.getPlatform() as AbstractSqlPlatform);
  return wantedSchema(orm)
    .getTables()
    .flatMap(wanted => {
      const table = there.getTables().find(({ name }) => name === wanted.name);
      if (!table) {
        return [`the table ${wanted.name} is missing`];
      }
      const diff = comparator.diffTable(table, wanted);
      if (diff === false) {
        return [];
      }
      const names = (items: object) => Object.keys(items).join(', ');
      return [
        [diff.addedColumns, 'has no column'],
        [diff.renamedColumns, 'has another name for the column'],
        [retyped(diff), 'has another type for the column'],
        [{ ...diff.addedIndexes, ...diff.changedIndexes }, 'lacks the index'],
      ].flatMap(([items, what]) =>
        names(items as object) === '' ? [] : [`${wanted.name} ${what as string} ${names(items as object)}`],
      );
    });
}

/** Columns with another type; not those where a driver only misreads the server's word for no default. */
function retyped({ changedColumns }: TableDifference): object {
  return Object.fromEntries(
    Object.entries(changedColumns).filter(([, { changedProperties }]) => changedProperties.has('type')),
  );
}
