import { describe, expect, it } from 'vitest';
import { type CronJobBase, CronJobError, defineCronJob, Schedule } from '../../src/index.ts';
import { checkRunsAfter } from '../../src/job/checkRunsAfter.ts';

/** Jobs by what each runs after. */
const jobs = (after: Readonly<Record<string, readonly string[]>>): CronJobBase[] =>
  Object.entries(after).map(([code, runsAfter]) =>
    defineCronJob({
      code,
      schedule: new Schedule({ runEveryMins: 60, ...(runsAfter.length > 0 ? { runsAfter } : {}) }),
      do: () => undefined,
    }),
  );

describe('jobs that run after others', () => {
  it.each([[{ a: [], b: ['a'], c: ['a', 'b'], d: ['c', 'b'] }], [{ d: ['b', 'c'], b: ['a'], c: ['a'], a: [] }]])(
    'are taken when none runs after itself: %j',
    after => {
      expect(() => checkRunsAfter(jobs(after))).not.toThrow();
    },
  );

  it.each<[Record<string, string[]>, string]>([
    [{ a: ['a'] }, 'Jobs a → a run after each other in a circle; take one of them out of runsAfter'],
    [{ a: ['b'], b: ['a'] }, 'Jobs a → b → a run after each other in a circle'],
    [{ x: ['a'], a: ['y', 'b'], y: [], b: ['c'], c: ['a'] }, 'Jobs a → b → c → a run after each other in a circle'],
    [
      { 'billing.import': [], report: ['billing.imprt'] },
      `Job report: runsAfter "billing.imprt" is not the code of a job (did you mean billing.import?); known jobs: billing.import, report`,
    ],
    [{ a: [], b: ['A'] }, 'Job b: runsAfter "A" is not the code of a job'],
  ])('are refused: %j', (after, message) => {
    expect(() => checkRunsAfter(jobs(after))).toThrow(CronJobError);
    expect(() => checkRunsAfter(jobs(after))).toThrow(message);
  });

  it('are checked in no time, however they hang together', () => {
    const layers = Array.from({ length: 40 }, (_, layer) => [`${layer}.0`, `${layer}.1`]);
    const after = layers.flatMap((codes, layer) => codes.map(code => [code, layers[layer - 1] ?? []] as const));
    expect(() => checkRunsAfter(jobs(Object.fromEntries(after)))).not.toThrow();
  });
});
