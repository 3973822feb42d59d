import { join } from 'node:path';
import { contest, disturbProcesses, type Way } from '../processes/contest.ts';
import type { Fleet } from '../processes/Fleet.ts';
import { startGround } from '../servers/Ground.ts';
import { Relay } from '../servers/Relay.ts';
import { brokenCounts, type Trial } from '../Trial.ts';
import type { Disturbance } from '../witness/judgeSlots.ts';
import { SLOT_PROMISES } from './contested.ts';

/** Of all requests, the part that something is done to. */
const RATE = 0.004;

/** Statements arrive late, twice or not at all, answers are lost, and processes are killed. */
export const late: Trial = {
  name: 'late',
  backends: ['postgresql'],
  unit: 'slots',
  amount: () => 4_000,
  quick: { postgresql: 100 },
  async run({ random, seed, amount, seconds, directory, stop }) {
    await using ground = await startGround('postgresql');
    const leaseSeconds = 3;
    const done = { kills: 0, pauses: 0, restarts: 0, hold: 0, late: 0, lose: 0, drop: 0, twice: 0 };
    const url = new URL(ground.host.connection.clientUrl!);
    let relays = 0;
    const connect = async (fleet: Fleet): Promise<Way> => {
      const before: Omit<Disturbance, 'process'>[] = [];
      let name: string | undefined;
      const relay = new Relay({
        random: random.fork(`relay ${++relays}`),
        port: Number(url.port),
        rate: RATE,
        mostMillis: 2.5 * leaseSeconds * 1_000,
        journal: join(directory, 'faults.jsonl'),
        counts: done,
        onCut: cut => (name === undefined ? before.push(cut) : fleet.disturbances.push({ process: name, ...cut })),
      });
      const through = new URL(url);
      through.port = String(await relay.listen());
      return {
        connection: { clientUrl: through.href },
        give(to) {
          name = to;
          fleet.disturbances.push(...before.map(cut => ({ process: to, ...cut })));
        },
        [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
      };
    };
    const found = await contest({
      ...{ ground, random, seed, leaseSeconds, seconds, directory, stop, connect },
      slots: amount,
      jobs: Math.max(12, Math.min(40, Math.ceil(amount / 100))),
      loops: 3,
      tickers: 1,
      disturb: arena => disturbProcesses(arena, { random, leaseSeconds, counts: done }),
    });
    return { counts: { ...done, ...found }, broken: brokenCounts(found, SLOT_PROMISES) };
  },
};
