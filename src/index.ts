/**
 * Scheduled jobs for applications built on MikroORM.
 *
 * @module mikro-orm-cron
 */
export type { AtomicCache } from './lock/AtomicCache.ts';
export { memoryCache } from './lock/memoryCache.ts';
export { type IoredisClient, type NodeRedisClient, redisCache, type RedisCacheOptions } from './lock/redisCache.ts';
export type { Clock } from './util/clock.ts';
export { cronCommands } from './commands/cronCommands.ts';
export {
  CronError,
  type CronErrorOptions,
  CronJobError,
  CronLockError,
  CronScheduleError,
  CronSettingsError,
} from './errors.ts';
export { cron, cronEntities, type CronExtension, getCronRunner } from './runner/extension.ts';
export { CronJobLog, CronJobLogSchema, type RunStatus, type RunTrigger } from './history/CronJobLog.ts';
export type { PruneOptions, RetentionLimits } from './history/Retention.ts';
export type { HostOptions } from './host/HostOptions.ts';
export { CronJobBase, type CronJobClass, type JobIsolation, type JobPings } from './job/CronJobBase.ts';
export type { JobContainerSource } from './job/JobContainer.ts';
export type { JobSource } from './job/loadJobs.ts';
export type { CronJobContext } from './job/CronJobContext.ts';
export type { Enabled } from './job/enabled.ts';
export type { ArgumentsIssue, ArgumentsResult, ArgumentsSchema, GivenArguments } from './job/jobArguments.ts';
export { type CronJobDefinition, defineCronJob } from './job/defineCronJob.ts';
export { cacheLock, type CacheLockOptions } from './lock/cacheLock.ts';
export { CronJobLock, CronJobLockSchema } from './lock/CronJobLock.ts';
export { databaseLock } from './lock/databaseLock.ts';
export { fileLock, type FileLockOptions } from './lock/fileLock.ts';
export { JobLock } from './lock/JobLock.ts';
export type { LockHolder } from './lock/LockHolder.ts';
export type {
  KnownHolder,
  LockBackend,
  LockFactory,
  LockLease,
  LockProvider,
  LockSetting,
  LockSettings,
} from './lock/LockProvider.ts';
export type { HoldersReading } from './lock/readHolders.ts';
export { FailedRunsNotificationCronJob } from './notices/FailedRunsNotificationCronJob.ts';
export type { MailSettings } from './notify/MailSettings.ts';
export type { CronNotification, DetailedNotice, NoticeKind, NotifiedRun, Notifier } from './notify/Notifier.ts';
export { verifyMail } from './notify/testMail.ts';
export { webhookNotifier, type WebhookOptions } from './notify/webhookNotifier.ts';
export type { LogsOptions } from './runner/LogQuery.ts';
export type { LoopOptions, RunOptions } from './runner/RunOptions.ts';
export type { CronRunner } from './runner/CronRunner.ts';
export type { JobOverview, Overview } from './runner/readOverview.ts';
export type { ActOptions, CancelOptions, PauseOptions, RequestOptions, SkipOptions } from './runner/Operator.ts';
export type { JobPause, JobRequest, JobSkip } from './state/JobState.ts';
export type { RequestMade } from './state/StateStore.ts';
export type { CronHooks, JobFailure } from './events/CronHooks.ts';
export type { JobOutcome, JobReport, OperatorAction, TickEvent, TickListener, TickReport } from './events/TickEvent.ts';
export type { Weekday } from './schedule/DayFilter.ts';
export { type Decision, type DueTrigger, isDue } from './schedule/isDue.ts';
export type { IsExcluded } from './schedule/ExcludedDays.ts';
export { historyOf, NO_HISTORY, type PastRun, type ScheduleHistory } from './schedule/ScheduleHistory.ts';
export { nextRun } from './schedule/nextRun.ts';
export { Schedule } from './schedule/Schedule.ts';
export type { ScheduleOptions } from './schedule/ScheduleOptions.ts';
export { CronJobState, CronJobStateSchema } from './state/CronJobState.ts';
export type { CronSettings } from './settings/CronSettings.ts';
export type { RunnerSettings } from './settings/RunnerSettings.ts';
