/**
 * The migrations that create this package's tables. A host does not copy them: `mikro-orm-cron cron:install` puts a
 * file with a one-line re-export into the host's own migrations folder, and `mikro-orm migration:up` runs it.
 *
 * @module mikro-orm-cron/migrations
 */
export { AddCronFencesMySql } from './mysql/AddCronFencesMySql.ts';
export { AddCronStateMySql } from './mysql/AddCronStateMySql.ts';
export { CreateCronTablesMySql } from './mysql/CreateCronTablesMySql.ts';
export { AddCronFencesPostgreSql } from './postgresql/AddCronFencesPostgreSql.ts';
export { AddCronStatePostgreSql } from './postgresql/AddCronStatePostgreSql.ts';
export { CreateCronTablesPostgreSql } from './postgresql/CreateCronTablesPostgreSql.ts';
export { AddCronFencesSqlite } from './sqlite/AddCronFencesSqlite.ts';
export { AddCronStateSqlite } from './sqlite/AddCronStateSqlite.ts';
export { CreateCronTablesSqlite } from './sqlite/CreateCronTablesSqlite.ts';
