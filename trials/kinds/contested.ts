import { contest, disturbProcesses } from '../processes/contest.ts';
import { BACKENDS, startGround } from '../servers/Ground.ts';
import { brokenCounts, type Trial } from '../Trial.ts';

/** What no kill, pause or restart of a process may cause. */
export const SLOT_PROMISES = [
  'overlaps',
  'doubles',
  'lost',
  'unserved',
  'untrue',
  'running',
  'dropped',
  'deaths',
  'hung',
  'stuck',
] as const;

/** Processes contend for slots while some are killed, stopped for longer than their lease, and restarted. */
export const contested: Trial = {
  name: 'contested',
  backends: BACKENDS,
  unit: 'slots',
  amount: backend => (backend === 'postgresql' ? 10_000 : 4_000),
  quick: { postgresql: 200, 'sqlite-wal': 100 },
  async run({ random, seed, backend, amount, seconds, directory, stop }) {
    await using ground = await startGround(backend);
    const leaseSeconds = 3;
    const done = { kills: 0, pauses: 0, restarts: 0 };
    const found = await contest({
      ...{ ground, random, seed, leaseSeconds, seconds, directory, stop },
      slots: amount,
      jobs: Math.max(8, Math.min(40, Math.ceil(amount / 100))),
      loops: 3,
      tickers: 1,
      disturb: arena => disturbProcesses(arena, { random, leaseSeconds, counts: done }),
    });
    return { counts: { ...done, ...found }, broken: brokenCounts(found, SLOT_PROMISES) };
  },
};
