import { CronError, CronJobError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import { oneLine } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';

/** Whether a job is on: `true` or `false`, or a function of the environment that says so. */
export type Enabled = boolean | ((env: NodeJS.ProcessEnv) => boolean);

/** A job as far as it can be off. */
interface Switch {
  readonly code: string;
  readonly enabled?: Enabled;
}

/**
 * Whether a job is on in this environment.
 *
 * @throws CronJobError when its function throws, or gives something other than true or false.
 */
export function isEnabled(job: Switch, env: NodeJS.ProcessEnv = process.env): boolean {
  if (typeof job.enabled !== 'function') {
    return job.enabled ?? true;
  }
  const options = { jobCode: job.code };
  let answer: unknown;
  try {
    answer = job.enabled(env);
  } catch (cause) {
    throw new CronJobError(`Job ${job.code}: its function enabled fails: ${oneLine(messageOf(cause))}`, {
      cause,
      ...options,
    });
  }
  if (typeof answer !== 'boolean') {
    throw new CronJobError(
      `Job ${job.code}: its function enabled gives ${showValue(answer)}; it must return true or false at once`,
      options,
    );
  }
  return answer;
}

/** Why no job runs while the environment variable `CRON_DISABLED` is set. */
export const ALL_OFF = 'CRON_DISABLED=1: all jobs are off';

/**
 * Whether the environment variable `CRON_DISABLED` puts all jobs off.
 *
 * @throws CronError when its value is not allowed: a mistyped one must not let jobs run.
 */
export function areAllOff({ CRON_DISABLED: value = '' }: NodeJS.ProcessEnv = process.env): boolean {
  if (/^(1|true|yes|on)$/i.test(value.trim())) {
    return true;
  }
  if (/^(0|false|no|off)?$/i.test(value.trim())) {
    return false;
  }
  throw new CronError(
    `CRON_DISABLED ${showValue(value)} is not allowed; it must be 1, which puts all jobs off, or 0, or unset`,
  );
}
