import { setTimeout as delay } from 'node:timers/promises';
import { type Arena, contest } from '../processes/contest.ts';
import { type Ground, startGround } from '../servers/Ground.ts';
import { brokenCounts, type Trial, type TrialOptions } from '../Trial.ts';
import { monotonic } from '../witness/records.ts';
import { WitnessTail } from '../witness/WitnessTail.ts';

/** Slots for each flush: between two there are as many runs. */
const SLOTS_PER_FLUSH = 12;

/** What a cache that forgets its locks may not cause. That two runs go on at once cannot be helped. */
const PROMISES = ['doubles', 'lost', 'unserved', 'untrue', 'running', 'deaths', 'hung', 'stuck'] as const;

/** Redis is emptied while processes contend for slots. */
export const flushes: Trial = {
  name: 'flushes',
  backends: ['redis'],
  unit: 'flushes',
  amount: () => 250,
  quick: { redis: 10 },
  async run(options) {
    const { random, seed, amount, seconds, directory, stop } = options;
    await using ground = await startGround('redis');
    const done = { flushes: 0 };
    const found = await contest({
      ...{ ground, random, seed, seconds, directory, stop },
      leaseSeconds: 3,
      slots: amount * SLOTS_PER_FLUSH,
      jobs: 12,
      loops: 3,
      tickers: 0,
      disturb: arena => flush(arena, ground, options, done),
    });
    return { counts: { ...done, ...found }, broken: brokenCounts(found, PROMISES) };
  },
};

async function flush(
  { fleet, witness, done }: Arena,
  ground: Ground,
  { random }: TrialOptions,
  counts: { flushes: number },
): Promise<void> {
  const choices = random.fork('flush');
  const tail = new WitnessTail(witness);
  let left = 0;
  while (!done.aborted) {
    await delay(10);
    left -= tail.read().filter(({ event }) => event === 'begin').length;
    if (left > 0) {
      continue;
    }
    left = choices.between(4, SLOTS_PER_FLUSH * 1.6);
    await delay(choices.between(0, 60));
    const from = monotonic();
    await ground.flush();
    fleet.disturbances.push({ process: '*', kind: 'flushed', from, to: monotonic() });
    counts.flushes++;
  }
}
