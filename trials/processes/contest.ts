import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostSpec } from '../host/HostSpec.ts';
import type { Random } from '../Random.ts';
import type { Ground } from '../servers/Ground.ts';
import { judgeSlots, type SlotCounts } from '../witness/judgeSlots.ts';
import { readWitness, watchStalls } from '../witness/records.ts';
import { WitnessTail } from '../witness/WitnessTail.ts';
import { Fleet } from './Fleet.ts';

const MINUTE = 60_000;

const DAY = 24 * 60 * MINUTE;

/** Most slots that a job has: the minutes of a day. */
const MOST_SLOTS = 24 * 60;

/** Seconds that a process has to end after SIGTERM: more than the grace of its jobs. */
const ENDING = 20;

/** What a disturber has before it. */
export interface Arena {
  readonly fleet: Fleet;
  /** File that the processes append to. */
  readonly witness: string;
  readonly done: AbortSignal;
}

/** A way to the database for one process. */
export interface Way extends AsyncDisposable {
  readonly connection: HostSpec['connection'];
  /** Says which process takes it. */
  give(name: string): void;
}

/** A contest for the slots of some jobs. */
export interface ContestOptions {
  readonly ground: Ground;
  readonly random: Random;
  readonly seed: number;
  readonly slots: number;
  readonly jobs: number;
  readonly leaseSeconds: number;
  /** How many processes tick in a loop, and how many make one tick after the other. */
  readonly loops: number;
  readonly tickers: number;
  readonly seconds: number;
  readonly directory: string;
  readonly stop: AbortSignal;
  /** Does things to the processes and servers until the contest is done. */
  disturb(arena: Arena): Promise<void>;
  /** How the next process gets to the database, where it is not the ground's own way. */
  connect?(fleet: Fleet): Promise<Way>;
}

/** What came of a contest. */
export interface ContestCounts extends SlotCounts, Record<string, number> {
  /** Processes that ended without being asked to. */
  readonly deaths: number;
  /** Processes that had to be killed, since SIGTERM did not end them. */
  readonly hung: number;
  /** Locks held, and jobs found locked, after everything had ended and every lease had run out. */
  readonly stuck: number;
}

/**
 * Several processes contend for the slots of jobs that have a backlog: each slot of yesterday must run once. When all are
 * served, or the time is over, the processes are asked to end, a last tick settles what was left behind, and the judge
 * holds what the processes wrote down against the rows.
 */
export async function contest(options: ContestOptions): Promise<ContestCounts> {
  const { ground, leaseSeconds, directory } = options;
  mkdirSync(directory, { recursive: true });
  const { slots, cron } = backlog(options.jobs, options.slots);
  for (const [code, [first]] of Object.entries(slots)) {
    await ground.addSuccess(code, first! - MINUTE);
  }
  const spec: HostSpec = {
    ...ground.host,
    leaseSeconds,
    concurrency: 4,
    jobs: { kind: 'slots', count: options.jobs, cron },
    witness: join(directory, 'witness.jsonl'),
    seed: options.seed,
  };
  writeFileSync(spec.witness, '');
  await using fleet = new Fleet();
  using _watch = watchStalls((leaseSeconds * 1_000) / 4, (from, to) =>
    fleet.disturbances.push({ process: '*', kind: 'starved', from, to }),
  );
  const done = new AbortController();
  const roles = [
    ...Array.from({ length: options.loops }, () => keep(fleet, 'loop', spec, options, done.signal)),
    ...Array.from({ length: options.tickers }, () => keep(fleet, 'tick', spec, options, done.signal)),
    options.disturb({ fleet, witness: spec.witness, done: done.signal }),
  ];
  const failed = Promise.all(roles);
  await Promise.race([failed, allServed(options, Object.values(slots).flat().length)]);
  done.abort();
  const endings = await Promise.all(fleet.members.map(member => fleet.dismiss(member, ENDING)));
  await failed;
  const deaths = fleet.deaths.length;
  const stuck = await settle(fleet, spec, ground);

  const evidence = {
    witness: readWitness(spec.witness),
    rows: (await ground.rows()).filter(({ slot, code }) => slot !== null && slots[code]!.includes(slot)),
    disturbances: fleet.disturbances,
    slots,
    leaseMillis: ground.hasLease ? leaseSeconds * 1_000 : null,
  };
  const { witness: _, ...rest } = evidence;
  writeFileSync(join(directory, 'evidence.json'), JSON.stringify(rest));
  writeFileSync(join(directory, 'deaths.json'), JSON.stringify(fleet.deaths, null, 2));
  return { ...judgeSlots(evidence), deaths, hung: endings.filter(exit => exit === undefined).length, stuck };
}

/** The last so many minutes of yesterday, in UTC: all of them due at once, and none to come. */
function backlog(jobs: number, total: number): { slots: Record<string, number[]>; cron: string } {
  const each = Math.ceil(total / jobs);
  if (each >= MOST_SLOTS) {
    throw new Error(`${total} slots are too many for ${jobs} jobs`);
  }
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const yesterday = new Date(midnight - DAY);
  const times = Array.from({ length: each }, (_, index) => midnight - (each - index) * MINUTE);
  return {
    slots: Object.fromEntries(Array.from({ length: jobs }, (_, index) => [`trial.${index}`, times])),
    cron: `* * ${yesterday.getUTCDate()} ${yesterday.getUTCMonth() + 1} *`,
  };
}

/** Starts a process again whenever it has ended. */
async function keep(
  fleet: Fleet,
  kind: 'loop' | 'tick',
  spec: HostSpec,
  { random, connect }: ContestOptions,
  done: AbortSignal,
): Promise<void> {
  const waits = random.fork(kind);
  const cli = kind === 'loop' ? ['cronloop', '--sleep', '0.05', '--silent'] : ['runcrons', '--silent'];
  while (!done.aborted) {
    await using way = await connect?.(fleet);
    const connection = way?.connection ?? spec.connection;
    const member = fleet.start(kind, { run: { cli }, spec: { ...spec, connection }, endsItself: kind === 'tick' });
    way?.give(member.name);
    await member.exited;
    // A host that cannot even start would otherwise be started hundreds of times.
    await delay(member.isDismissed ? waits.between(0, 300) : 1_000);
  }
}

async function allServed({ ground, jobs, seconds, stop }: ContestOptions, slots: number): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (performance.now() < deadline && !stop.aborted) {
    const [row] = await ground.sql<{ served: number | string }>(
      `select count(*) as served from (select distinct code, scheduled_for from cron_job_log where status = 'succeeded') s`,
    );
    if (Number(row?.served) >= slots + jobs) {
      return;
    }
    await delay(1_000);
  }
}

/** One more tick after every lease has run out: it puts right what can be put right, and finds every lock free. */
async function settle(fleet: Fleet, spec: HostSpec, ground: Ground): Promise<number> {
  await delay(spec.leaseSeconds * 1_000 + 500);
  const { exited } = fleet.start('settle', { run: { cli: ['runcrons', '--json'] }, spec, endsItself: true });
  const { stdout } = await exited;
  const locked = stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as { type: string; outcome?: string })
    .filter(({ type, outcome }) => type === 'jobDone' && outcome === 'locked').length;
  return locked + (await ground.locksHeld());
}

/** How many runs begin, at least and at most, between two disturbances. */
const RUNS_BETWEEN = [4, 60] as const;

/**
 * Kills, pauses and restarts processes at random, but only those that are at work: by runs, not by the clock, so that a
 * slow machine has as many disturbances a slot as a fast one.
 */
export async function disturbProcesses(
  { fleet, witness, done }: Arena,
  { random, leaseSeconds, counts }: { random: Random; leaseSeconds: number; counts: Record<string, number> },
): Promise<void> {
  const choices = random.fork('disturb');
  const tail = new WitnessTail(witness);
  const atWork = new Set<string>();
  const under: Promise<unknown>[] = [];
  let left = 0;
  while (!done.aborted) {
    await delay(20);
    const begun = tail.read().filter(({ event }) => event === 'begin');
    left -= begun.length;
    begun.forEach(({ process }) => atWork.add(process));
    const candidates = fleet.awake.filter(
      ({ name, isDismissed }) => atWork.has(name) && !(isDismissed && name.startsWith('loop')),
    );
    if (left > 0 || candidates.length === 0) {
      continue;
    }
    left = choices.between(...RUNS_BETWEEN);
    const member = candidates[Math.floor(choices.next() * candidates.length)]!;
    const kind = choices.weighted({ kills: 45, pauses: 30, restarts: 25 });
    // At any moment of a run, not only when one has just begun.
    await delay(choices.between(0, 60));
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (kind === 'kills') {
      under.push(fleet.kill(member));
    } else if (kind === 'pauses') {
      under.push(fleet.pause(member, choices.between(1.1, 2) * leaseSeconds * 1_000));
    } else {
      under.push(fleet.dismiss(member, ENDING));
    }
  }
  await Promise.all(under);
}
