import { expect, it } from 'vitest';
import { checkLoopOptions, checkPruneOptions, checkRunOptions } from '../../src/runner/RunOptions.ts';

it.each<[object, string]>([
  [{ dryrun: true }, 'there is no option dryrun; did you mean dryRun?'],
  [{ Force: true }, 'there is no option Force; did you mean force?'],
  [{ sleepSeconds: 5 }, 'there is no option sleepSeconds; there are jobs, tags, force, args, dryRun, '],
  [{ constructor: 1 }, 'there is no option constructor'],
  [{ jobs: 'nightly' }, 'jobs "nightly" is not allowed; it must be a list of texts'],
  [{ jobs: Array(2) }, 'jobs '],
  [{ tags: [5] }, 'tags [5] is not allowed'],
  [{ force: 'no' }, 'force "no" is not allowed; it must be true or false'],
  [{ dryRun: 0 }, 'dryRun 0 is not allowed'],
  [{ concurrency: 0 }, 'concurrency 0 is not allowed; it must be a whole number from 1'],
  [{ stop: {} }, 'stop {} is not allowed; it must be an AbortSignal'],
  [{ onEvent: 'print' }, 'onEvent "print" is not allowed; it must be a function'],
])('run() refuses %o', (options, message) => {
  expect(() => checkRunOptions(options)).toThrow(`CronRunner.run(): ${message}`);
});

it.each([null, 'all', 5, ['a']])('run(), start() and prune() refuse %j for options', given => {
  for (const check of [checkRunOptions, checkLoopOptions, (options: object) => checkPruneOptions(5, options)]) {
    expect(() => check(given as never)).toThrow(/^CronRunner\.\w+\(\): .* is not an object of options; there are /);
  }
});

it('start() takes the options of each tick as well, prune() its own', () => {
  expect(checkLoopOptions({ sleepSeconds: 5, jobs: ['a'], repeat: Infinity, jitterSeconds: 0 })).toEqual({
    sleepSeconds: 5,
    jobs: ['a'],
    repeat: Infinity,
    jitterSeconds: 0,
  });
  expect(() => checkLoopOptions({ sleep: 5 } as object)).toThrow(
    'CronRunner.start(): there is no option sleep; there are',
  );
  expect(() => checkPruneOptions(5, { allcodes: true } as object)).toThrow(
    'CronRunner.prune(): there is no option allcodes; did you mean allCodes?',
  );
});

it('a getter that throws is an option that cannot be read', () => {
  const options = Object.defineProperty({}, 'jobs', {
    get() {
      throw new Error('not now');
    },
  });
  expect(() => checkRunOptions(options)).toThrow('CronRunner.run(): jobs cannot be read: not now');
});

it('options by a prototype and by getters count, and are read once', () => {
  let reads = 0;
  class Options {
    get force() {
      reads++;
      return true;
    }
  }
  expect(checkRunOptions(Object.create({ dryRun: true }) as object)).toEqual({ dryRun: true });
  expect(checkRunOptions(new Options())).toEqual({ force: true });
  expect(reads).toBe(1);
});
