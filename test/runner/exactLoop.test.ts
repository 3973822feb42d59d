import { describe, expect, it } from 'vitest';
import { CronLoop } from '../../src/runner/CronLoop.ts';
import type { WakeSource } from '../../src/runner/LoopSleep.ts';
import type { LoopOptions } from '../../src/runner/RunOptions.ts';
import { TestPace } from '../helpers/TestPace.ts';

describe('an exact loop', () => {
  /**
   * Runs a loop; gives when its ticks started, in seconds.
   *
   * @param untilDue by tick, the seconds until a job is due as the tick finds it, or why it cannot be made
   */
  async function play(
    untilDue: (number | Error)[],
    options: LoopOptions & { tickSeconds?: number } = {},
    sources: readonly WakeSource[] = [],
    pace = new TestPace(),
  ) {
    const startedAt: number[] = [];
    const tick = async () => {
      const due = untilDue[startedAt.length] ?? Infinity;
      startedAt.push(Math.round(pace.seconds * 1_000) / 1_000);
      if (due instanceof Error) {
        throw due;
      }
      pace.seconds += options.tickSeconds ?? 0;
      return due * 1_000;
    };
    const loop = new CronLoop({ prepare: async () => undefined, tick }, { repeat: 4, pace, ...options }, sources);
    const isMade = await loop.run();
    return { startedAt, isMade, pace };
  }

  it('ticks when the next job is due, and after 60 s at the latest', async () => {
    expect((await play([12.345, Infinity, 0.02])).startedAt).toEqual([0, 12.345, 72.345, 72.365]);
  });

  it('counts the sleep from the start of a tick, and the time until a job is due from its end', async () => {
    expect((await play([10, Infinity, 59], { tickSeconds: 2 })).startedAt).toEqual([0, 12, 72, 132]);
  });

  it('ticks at once when a tick took longer than the sleep, or a job became due meanwhile, but never without a pause', async () => {
    expect((await play([Infinity, Infinity], { tickSeconds: 70, repeat: 2 })).startedAt).toEqual([0, 70]);
    expect((await play([-5, 0, -Infinity])).startedAt).toEqual([0, 0.002, 0.004, 0.006]);
  });

  it('ticks only by the sleep with exact: false', async () => {
    expect((await play([1, 1, 1], { exact: false, sleepSeconds: 30 })).startedAt).toEqual([0, 30, 60, 90]);
  });

  it('tries a tick that could not be made again, and then goes by what that one finds', async () => {
    const down = new Error('down');
    expect((await play([down, down, 4, 1], { repeat: 3 })).startedAt).toEqual([0, 1, 3, 7, 8]);
    const long = await play([down, down, down, 1], { repeat: 3, sleepSeconds: 5 });
    expect(long).toMatchObject({ startedAt: [0, 1, 3, 5, 6], isMade: true });
  });

  it('sets no timer that Node cannot count, however long the wait', async () => {
    const pace = new TestPace();
    const { startedAt } = await play([2_200_000], { repeat: 2, sleepSeconds: 2_147_483 }, [], pace);
    expect(startedAt).toEqual([0, 2_147_483]);
    expect(pace.longestTimer).toBeLessThan(2_147_483.647);
  });

  it('ticks soon after the machine was suspended, when its timers stood still', async () => {
    const pace = new TestPace();
    // Two hours that only the wall clock has seen.
    pace.events.push({ at: 10, happen: ({ ahead }) => (pace.ahead = ahead + 7_200) });
    expect((await play([40, Infinity], { repeat: 2 }, [], pace)).startedAt).toEqual([0, 10]);
  });

  it.each([
    ['forth', 3_600],
    ['back', -3_600],
  ])("looks at the database's clock again when the machine's was set %s, once", async (_, jump) => {
    const pace = new TestPace();
    pace.events.push({ at: 20, happen: ({ ahead }) => (pace.ahead = ahead + jump) });
    expect((await play([45, 25, Infinity], { repeat: 4 }, [], pace)).startedAt).toEqual([0, 20, 45, 105]);
  });

  it('does not take a clock that is slowly put right for one that jumps', async () => {
    const pace = new TestPace();
    const slew = () => {
      pace.ahead += 0.3;
      pace.events.push({ at: pace.seconds + 1, happen: slew });
    };
    pace.events.push({ at: 1, happen: slew });
    expect((await play([50], { repeat: 2 }, [], pace)).startedAt).toEqual([0, 50]);
  });

  it('ticks when something else asks for it, looking as often as that is said to be', async () => {
    const looks: number[] = [];
    const pace = new TestPace();
    const source: WakeSource = {
      everySeconds: 3,
      look: async () => {
        looks.push(pace.seconds);
        if (pace.seconds === 6) {
          throw new Error('the database is away');
        }
        return pace.seconds === 12;
      },
    };
    expect((await play([20, 8], { repeat: 3 }, [source], pace)).startedAt).toEqual([0, 12, 20]);
    expect(looks).toEqual([3, 6, 9, 12, 15, 18]);
  });

  it('ends a wait when it is stopped', async () => {
    const stop = new AbortController();
    const pace = new TestPace();
    pace.events.push({ at: 4, happen: () => stop.abort() });
    expect((await play([30], { stop: stop.signal }, [], pace)).startedAt).toEqual([0]);
  });
});
