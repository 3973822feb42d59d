export { CronModule } from './CronModule.ts';
export type { CronModuleOptions } from './NestCron.ts';
export { nestJobs, type NestJobsOptions, type NestModuleExport } from './nestJobs.ts';
