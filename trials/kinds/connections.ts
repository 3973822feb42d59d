import { setTimeout as delay } from 'node:timers/promises';
import type { Member } from '../processes/Fleet.ts';
import { steady, STEADY_PROMISES, type SteadyCounts, type Ticker } from '../processes/steady.ts';
import { type Ground, startGround } from '../servers/Ground.ts';
import { brokenCounts, type Trial, type TrialOptions } from '../Trial.ts';

const TICKERS: readonly Ticker[] = ['loop', 'server'];

/** Connections are terminated under a loop, and under a server that ticks. */
export const connections: Trial = {
  name: 'connections',
  backends: ['postgresql'],
  unit: 'kills',
  amount: () => 2_000,
  quick: { postgresql: 60 },
  run: options => withBoth(options, 1, terminate),
};

/** The server is restarted again and again, as `pg_ctl restart -m fast` does, under runs six at a time. */
export const restarts: Trial = {
  name: 'restarts',
  backends: ['postgresql'],
  unit: 'restarts',
  amount: () => 40,
  quick: { postgresql: 2 },
  run: options => withBoth(options, 6, restart),
};

type Disturb = (ground: Ground, member: Member, options: TrialOptions) => Promise<number>;

async function withBoth(options: TrialOptions, concurrency: number, disturb: Disturb) {
  const { seed, directory } = options;
  const counts: Record<string, number> = {};
  const broken: string[] = [];
  for (const ticker of TICKERS) {
    // A server of its own for each, so that what one leaves behind is not the other's.
    await using ground = await startGround('postgresql');
    let done = 0;
    const found: SteadyCounts = await steady({
      ...{ ground, ticker, concurrency, seed, directory },
      disturb: async member => void (done = await disturb(ground, member, options)),
    });
    for (const [name, count] of Object.entries({ done, ...found })) {
      counts[`${ticker}.${name}`] = count;
    }
    broken.push(...brokenCounts(found, STEADY_PROMISES).map(text => `${ticker}.${text}`));
  }
  return { counts, broken };
}

/** Terminates connections, all there are or one, about every 100 ms at a random moment. */
const terminate: Disturb = async (ground, member, { random, amount, seconds, stop }) => {
  const choices = random.fork('terminate');
  const deadline = performance.now() + seconds * 1_000;
  let kills = 0;
  while (kills < amount && member.isAlive && performance.now() < deadline && !stop.aborted) {
    await delay(choices.between(20, 180));
    const limit = choices.chance(0.5) ? '' : 'order by random() limit 1';
    const [row] = await ground.sql<{ kills: string }>(
      `select count(*) filter (where done) as kills from (select pg_terminate_backend(pid) as done from pg_stat_activity` +
        ` where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() ${limit}) k`,
    );
    kills += Number(row?.kills);
  }
  return kills;
};

const restart: Disturb = async ({ postgres }, member, { random, amount, seconds, stop }) => {
  const choices = random.fork('restart');
  const deadline = performance.now() + seconds * 1_000;
  let times = 0;
  while (times < amount && member.isAlive && performance.now() < deadline && !stop.aborted) {
    await delay(choices.between(300, 3_000));
    await postgres!.stop();
    await delay(choices.between(0, 800));
    await postgres!.start();
    times++;
  }
  return times;
};
