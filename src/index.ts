/**
 * Scheduled jobs for applications built on MikroORM.
 *
 * @module mikro-orm-cron
 */
export type { AtomicCache } from './cache/AtomicCache.ts';
export { memoryCache } from './cache/memoryCache.ts';
export { type IoredisClient, type NodeRedisClient, redisCache, type RedisCacheOptions } from './cache/redisCache.ts';
export type { Clock } from './clock.ts';
export { cronCommands } from './commands/cronCommands.ts';
export {
  CronError,
  type CronErrorOptions,
  CronJobError,
  CronLockError,
  CronScheduleError,
  CronSettingsError,
} from './errors.ts';
export { cron, type CronExtension, cronEntities, getCronRunner } from './extension.ts';
export { CronJobLog, CronJobLogSchema, type RunStatus } from './history/CronJobLog.ts';
export type { PruneOptions, RetentionLimits } from './history/Retention.ts';
export type { HostOptions } from './HostOptions.ts';
export { CronJobBase, type CronJobClass, type JobIsolation, type JobPings } from './job/CronJobBase.ts';
export type { CronJobContext } from './job/CronJobContext.ts';
export { type CronJobDefinition, defineCronJob } from './job/defineCronJob.ts';
export { cacheLock, type CacheLockOptions } from './lock/CacheLock.ts';
export { CronJobLock, CronJobLockSchema } from './lock/CronJobLock.ts';
export { databaseLock } from './lock/DatabaseLock.ts';
export { fileLock, type FileLockOptions } from './lock/FileLock.ts';
export { JobLock, type LockHolder } from './lock/JobLock.ts';
export type { LockFactory, LockSettings } from './lock/LockFactory.ts';
export { FailedRunsNotificationCronJob } from './notify/FailedRunsNotificationCronJob.ts';
export type { MailSettings } from './notify/MailSettings.ts';
export type { DetailedNotice, NoticeKind, NotifiedRun } from './notify/Notice.ts';
export type { CronNotification, Notifier } from './notify/Notifier.ts';
export { verifyMail } from './notify/verifyMail.ts';
export { webhookNotifier, type WebhookOptions } from './notify/webhookNotifier.ts';
export type { LoopOptions } from './runner/CronLoop.ts';
export type { CronRunner } from './runner/CronRunner.ts';
export type { CronHooks, JobFailure } from './runner/hookListener.ts';
export type { RunOptions } from './runner/RunOptions.ts';
export type { JobOutcome, JobReport, TickEvent, TickListener, TickReport } from './runner/TickEvent.ts';
export type { Weekday } from './schedule/DayFilter.ts';
export type { Decision } from './schedule/Decision.ts';
export { historyOf, type PastRun } from './schedule/historyOf.ts';
export { isDue } from './schedule/isDue.ts';
export { nextRun } from './schedule/nextRun.ts';
export { Schedule, type ScheduleOptions } from './schedule/Schedule.ts';
export { NO_HISTORY, type ScheduleHistory } from './schedule/ScheduleHistory.ts';
export type { CronSettings, JobSource, ResolvedSettings } from './settings.ts';
