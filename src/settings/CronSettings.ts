import type { CronHooks } from '../events/CronHooks.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { JobSource } from '../job/loadJobs.ts';
import type { AtomicCache } from '../lock/AtomicCache.ts';
import type { LockSetting } from '../lock/LockProvider.ts';
import type { MailSettings } from '../notify/MailSettings.ts';
import type { Notifier } from '../notify/Notifier.ts';
import type { Clock } from '../util/clock.ts';

/** The settings of `cron()`. Everything but `jobs` has a default. */
export interface CronSettings extends CronHooks {
  /**
   * Job classes, jobs made by `defineCronJob()`, globs of files that export them, relative to MikroORM's `baseDir`, and
   * `nestJobs()`.
   * Jobs run in this order.
   */
  jobs: readonly JobSource[];

  /**
   * Used instead of `jobs` where MikroORM prefers TypeScript files, as `entitiesTs` is instead of `entities`.
   *
   * @default `jobs`
   */
  jobsTs?: readonly JobSource[];

  /**
   * IANA zone of run-at times, weekdays and month days.
   *
   * @default the system's zone
   */
  timeZone?: string;

  /**
   * Makes each job's lock.
   *
   * @default databaseLock()
   */
  lock?: LockSetting;

  /**
   * Caches by name, for `cacheLock()`.
   *
   * @default {}
   */
  caches?: Readonly<Record<string, AtomicCache>>;

  /**
   * Which of the `caches` a `cacheLock()` without one of its own takes.
   *
   * @default 'default'
   */
  cacheName?: string;

  /**
   * Directory in which `fileLock()` without one of its own keeps its files. Nobody but the user who runs the jobs may be
   * able to write to it; made when it is not there.
   *
   * @default a private directory in the system's temp
   */
  lockFilePath?: string;

  /**
   * The lease: seconds a lock outlives its holder's last heartbeat.
   *
   * @default 300
   */
  lockTimeSeconds?: number;

  /**
   * Days after whose end a run's row is deleted, in batches after a tick's jobs. A job's newest run, newest success,
   * newest success of each slot's time and newest `minNumFailures` failures since a success stay, since its schedule and
   * notifications go by them. So do all rows of codes that no job of this runner has.
   *
   * @default none is deleted
   */
  deleteLogsOlderThanDays?: number;

  /**
   * Whether only the newest success of each job, and the newest of each slot's time, is kept: a tick in which something
   * ran deletes the older ones.
   *
   * @default false
   */
  removeSuccessfulLogs?: boolean;

  /**
   * Whether what jobs print goes into the messages of their rows instead of to stdout and stderr.
   *
   * @default false
   */
  captureConsole?: boolean;

  /**
   * Whether failures go to MikroORM's logger as well as to the log table.
   *
   * @default false
   */
  logErrors?: boolean;

  /**
   * Makes the text of an error that goes into a run's row, and from there into mails and webhooks. What it throws, and
   * what is no text, is replaced by the default.
   *
   * @default the stack without the runner's frames, causes, the errors within an AggregateError, and fields such as
   * `code`, `status` and `constraint`; no other fields, since the error of an HTTP client carries headers and bodies
   */
  describeError?: (error: unknown) => string;

  /**
   * How many jobs of one tick run at once.
   *
   * @default 1
   */
  concurrency?: number;

  /**
   * Seconds after which a run is aborted and counts as timed out, where the job has no `timeoutSeconds` of its own.
   *
   * @default none
   */
  timeoutSeconds?: number;

  /**
   * Seconds that the database may take for the first answer to a tick or command, and a job's file to be imported. After
   * them a command ends with 1, and a loop tries again.
   *
   * @default 30
   */
  connectTimeoutSeconds?: number;

  /**
   * Seconds a job has to settle after its signal was aborted; after them it is given up.
   *
   * @default 30
   */
  shutdownGraceSeconds?: number;

  /**
   * How and to whom the `FailedRunsNotificationCronJob` mails.
   *
   * @default none
   */
  mail?: MailSettings;

  /**
   * Further notifiers of the `FailedRunsNotificationCronJob`, such as a `webhookNotifier()`.
   *
   * @default []
   */
  notifiers?: readonly Notifier[];

  /**
   * The clock to use instead of the database's; for tests.
   *
   * @default the database's own time
   */
  clock?: Clock;

  /**
   * Builds a job from its class, so that a dependency injection container can.
   *
   * @default JobClass => new JobClass()
   */
  createJob?: (JobClass: new (...args: never[]) => CronJobBase) => CronJobBase | Promise<CronJobBase>;
}

/** Settings that have no default but their absence. */
type Optional = 'timeoutSeconds' | 'lockFilePath' | 'deleteLogsOlderThanDays' | 'mail' | 'clock' | keyof CronHooks;

/** The settings with their defaults in place. */
export type ResolvedSettings = Readonly<
  Required<Omit<CronSettings, Optional>> & { [Key in Optional]: CronSettings[Key] | undefined }
>;
