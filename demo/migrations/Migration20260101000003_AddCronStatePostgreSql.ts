// In a host of its own this file is written by `npx mikro-orm-cron cron:install`, with 'mikro-orm-cron/migrations' here.
export { AddCronStatePostgreSql } from '../../migrations/index.ts';
