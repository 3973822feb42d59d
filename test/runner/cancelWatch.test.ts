import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CronJobLog } from '../../src/history/CronJobLog.ts';
import { CancelWatch, RunCancelled } from '../../src/runner/CancelWatch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function runOf(id: number): CronJobLog {
  return Object.assign(new CronJobLog(), { id, code: `job.${id}` });
}

it('aborts a cancelled run in time, however often other runs begin meanwhile', async () => {
  const watch = new CancelWatch(async () => new Map([[1, 'ops']]));
  using long = watch.watch(runOf(1), 300);
  for (let second = 1; second <= 5; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    watch.watch(runOf(100 + second), 300)[Symbol.dispose]();
  }
  expect(long.signal.reason).toBeInstanceOf(RunCancelled);
});

it('looks sooner once a run with a shorter lease begins', async () => {
  const looks: (readonly string[])[] = [];
  const watch = new CancelWatch(async codes => {
    looks.push(codes);
    return new Map();
  });
  using long = watch.watch(runOf(1), 300);
  using short = watch.watch(runOf(2), 2);
  await vi.advanceTimersByTimeAsync(500);
  expect(looks).toEqual([['job.1', 'job.2']]);
  expect([long, short].map(({ signal }) => signal.aborted)).toEqual([false, false]);
});

it('looks at nothing once no run is watched', async () => {
  const look = vi.fn(async () => new Map<number, string>());
  const watch = new CancelWatch(look);
  watch.watch(runOf(1), 300)[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).not.toHaveBeenCalled();
});
