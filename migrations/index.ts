/**
 * The migrations that create this package's tables. A host does not copy them: `mikro-orm-cron cron:install` puts a
 * file with a one-line re-export into the host's own migrations folder, and `mikro-orm migration:up` runs it.
 *
 * @module mikro-orm-cron/migrations
 */
export { CreateCronTablesMySql } from './mysql/CreateCronTablesMySql.ts';
export { CreateCronTablesPostgreSql } from './postgresql/CreateCronTablesPostgreSql.ts';
export { CreateCronTablesSqlite } from './sqlite/CreateCronTablesSqlite.ts';
