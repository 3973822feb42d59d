import type { RunOptions } from './RunOptions.ts';
import { DAYS_ALLOWED, isDays, isSeconds, SECONDS_ALLOWED, showValue } from '../util/rules.ts';
import type { LoopOptions } from './CronLoop.ts';
import { CronError } from '../errors.ts';

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;

const COUNT_ALLOWED = 'a whole number from 1';

/** @throws CronError when an option of `runner.run()` is not allowed: a tick must not silently run nothing. */
export function checkRunOptions({ concurrency }: RunOptions): void {
  check('run', 'concurrency', concurrency, isCount, COUNT_ALLOWED);
}

/** @throws CronError when an option of `runner.start()` is not allowed: a loop must not tick without a pause. */
export function checkLoopOptions({ sleepSeconds, jitterSeconds, repeat, concurrency }: LoopOptions): void {
  check('start', 'sleepSeconds', sleepSeconds, isSeconds, SECONDS_ALLOWED);
  check('start', 'jitterSeconds', jitterSeconds, value => value === 0 || isSeconds(value), `0 or ${SECONDS_ALLOWED}`);
  check('start', 'repeat', repeat, value => value === Infinity || isCount(value), COUNT_ALLOWED);
  check('start', 'concurrency', concurrency, isCount, COUNT_ALLOWED);
}

/** @throws CronError when an age in days is not allowed: a negative one would delete everything. */
export function checkDays(olderThanDays: number | undefined): void {
  check('prune', 'olderThanDays', olderThanDays, isDays, DAYS_ALLOWED);
}

function check(
  method: string,
  name: string,
  value: unknown,
  isAllowed: (value: unknown) => boolean,
  allowed: string,
): void {
  if (value !== undefined && !isAllowed(value)) {
    throw new CronError(`CronRunner.${method}(): ${name} ${showValue(value)} is not allowed; it must be ${allowed}`);
  }
}
