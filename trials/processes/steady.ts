import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostSpec } from '../host/HostSpec.ts';
import type { Ground } from '../servers/Ground.ts';
import { readWitness, type Witnessed } from '../witness/records.ts';
import { WitnessTail } from '../witness/WitnessTail.ts';
import { Fleet, type Member } from './Fleet.ts';

/** Seconds that a process may take to start, and to tick again once its database is left alone. */
const PATIENCE = 45;

/** Seconds within which it must end after SIGTERM. */
const ENDING = 20;

/** Milliseconds for which it is watched at the end. */
const WATCH = 5_000;

/** Who ticks: the command, which has no other handles, or a server of the host's with queries of its own. */
export type Ticker = 'loop' | 'server';

export interface SteadyOptions {
  readonly ground: Ground;
  readonly ticker: Ticker;
  readonly concurrency: number;
  readonly seed: number;
  readonly directory: string;
  /** Does things to the database until it has had enough, or the process is dead. */
  disturb(member: Member): Promise<void>;
}

/** What became of a process that ticks all the time. */
export interface SteadyCounts extends Record<string, number> {
  readonly ticks: number;
  /** 1 when it ended without being asked to. */
  readonly died: number;
  /** 1 when it did not tick any more at the end. */
  readonly still: number;
  /** Connections of the host's pool that nobody gave back. */
  readonly leaked: number;
  /** Who waits for a connection of that pool all the time. */
  readonly waiting: number;
  /** Queries of the host's own without an answer. */
  readonly hungQueries: number;
  /** 1 when none of them was answered at the end. */
  readonly deafPool: number;
  /** 1 when SIGTERM did not end it with code 0. */
  readonly unclean: number;
}

/** Everything but `ticks` must be 0. */
export const STEADY_PROMISES = ['died', 'still', 'leaked', 'waiting', 'hungQueries', 'deafPool', 'unclean'] as const;

/** Runs a process that ticks twenty times a second, disturbs its database, and looks whether it is whole afterwards. */
export async function steady(options: SteadyOptions): Promise<SteadyCounts> {
  const { ground, ticker, directory } = options;
  const spec: HostSpec = {
    ...ground.host,
    leaseSeconds: 5,
    concurrency: options.concurrency,
    jobs: { kind: 'steady', count: options.concurrency * 2 },
    witness: join(directory, `witness-${ticker}.jsonl`),
    seed: options.seed,
  };
  writeFileSync(spec.witness, '');
  await using fleet = new Fleet();
  const run = ticker === 'loop' ? { cli: ['cronloop', '--sleep', '0.05', '--silent'] } : { program: 'server.ts' };
  const member = fleet.start(ticker, { run, spec });
  const tail = new WitnessTail(spec.witness);
  if (!(await began(tail, member))) {
    throw new Error(`the ${ticker} did not begin: ${(await fleet.dismiss(member, 1))?.stderr ?? 'no answer'}`);
  }
  await options.disturb(member);
  tail.read();
  const isTicking = await began(tail, member);
  await delay(WATCH);
  const died = member.isAlive ? 0 : 1;
  const last = tail.read();
  const exit = died ? await member.exited : await fleet.dismiss(member, ENDING);
  writeFileSync(join(directory, `exit-${ticker}.json`), JSON.stringify(exit ?? 'had to be killed', null, 2));
  return {
    ticks: readWitness(spec.witness).filter(({ event }) => event === 'begin').length,
    died,
    still: isTicking ? 0 : 1,
    ...poolCounts(last),
    ...queryCounts(last, ticker),
    unclean: exit?.code === 0 ? 0 : 1,
  };
}

/** Whether three runs begin within a while. */
async function began(tail: WitnessTail, member: Member): Promise<boolean> {
  const deadline = performance.now() + PATIENCE * 1_000;
  for (let runs = 0; performance.now() < deadline && member.isAlive;) {
    runs += tail.read().filter(({ event }) => event === 'begin').length;
    if (runs >= 3) {
      return true;
    }
    await delay(50);
  }
  return false;
}

/** A connection that is lent at one look need not be lost; one that is lent at every look is. */
function poolCounts(last: readonly Witnessed[]): { leaked: number; waiting: number } {
  const pools = last.filter(record => record.event === 'pool');
  return {
    leaked: pools.length === 0 ? 0 : Math.min(...pools.map(({ total, idle }) => total - idle)),
    waiting: pools.length === 0 ? 0 : Math.min(...pools.map(({ waiting }) => waiting)),
  };
}

function queryCounts(last: readonly Witnessed[], ticker: Ticker): { hungQueries: number; deafPool: number } {
  const queries = last.filter(record => record.event === 'queries');
  const [first, newest] = [queries[0], queries.at(-1)];
  const isAnswered = first !== undefined && newest !== undefined && newest.ok > first.ok;
  return { hungQueries: newest?.hung ?? 0, deafPool: ticker === 'loop' || isAnswered ? 0 : 1 };
}
