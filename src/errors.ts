import { scrubSecrets } from './util/texts.ts';

/** Options of the errors that this package throws. */
export interface CronErrorOptions {
  /** The error underneath, kept as `cause`. */
  cause?: unknown;
  /** Code of the job concerned. */
  jobCode?: string;
}

/** Base of all errors of this package. The message is one line: component, value, what is allowed, way out. */
export class CronError extends Error {
  override readonly name: string = 'CronError';
  /** Code of the job concerned, or `undefined` when the error concerns no single job. */
  readonly jobCode: string | undefined;

  constructor(message: string, options: CronErrorOptions = {}) {
    // A value or another's words may have been put in, with the password of a URL.
    super(scrubSecrets(message), 'cause' in options ? { cause: options.cause } : undefined);
    this.jobCode = options.jobCode;
  }
}

/** A setting given to `cron()` is not allowed; thrown when `cron()` is called. */
export class CronSettingsError extends CronError {
  override readonly name = 'CronSettingsError';
}

/** A schedule option is not allowed; thrown by the constructor of `Schedule`. */
export class CronScheduleError extends CronError {
  override readonly name = 'CronScheduleError';
}

/** A job cannot be registered or found; thrown before anything runs. */
export class CronJobError extends CronError {
  override readonly name = 'CronJobError';
}

/** A lock backend cannot be used. That another process holds the lock is a value, not an error. */
export class CronLockError extends CronError {
  override readonly name = 'CronLockError';
}
