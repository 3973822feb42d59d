import { CronError } from '../errors.ts';
import type { PruneOptions } from '../history/Retention.ts';
import { DAYS_ALLOWED, isDays } from '../isDays.ts';
import { isSeconds, SECONDS_ALLOWED } from '../isSeconds.ts';
import { showValue } from '../showValue.ts';
import type { LoopOptions } from './CronLoop.ts';
import type { RunOptions } from './RunOptions.ts';

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

/** @throws CronError when an option of `runner.prune()` is not allowed: a negative age would delete everything. */
export function checkPruneOptions(olderThanDays: number | undefined, { allCodes }: PruneOptions): void {
  check('prune', 'olderThanDays', olderThanDays, isDays, DAYS_ALLOWED);
  check('prune', 'allCodes', allCodes, value => typeof value === 'boolean', 'true or false');
  if (allCodes && olderThanDays === undefined) {
    throw new CronError(
      'CronRunner.prune(): allCodes needs olderThanDays: nothing else says what is old of these codes',
    );
  }
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
