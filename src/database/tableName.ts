import type { EntityClass, MikroORM } from '@mikro-orm/core';

/**
 * The quoted table name of an entity, for use in raw SQL. As MikroORM does, the platform's default schema is left out,
 * so that a host's search path decides.
 */
export function tableName(orm: MikroORM, entity: EntityClass<object>): string {
  const meta = orm.getMetadata(entity);
  const schema = meta.schema && meta.schema !== '*' ? meta.schema : orm.config.getSchema(true);
  const name = schema ? `${schema}.${meta.tableName}` : meta.tableName;
  return orm.driver.getPlatform().quoteIdentifier(name);
}
