import { canSpend, spend, type Step, take } from './moves.ts';
import { processSteps } from './process.ts';
import { carryOut, mustWait } from './server.ts';
import { copy, initialState, LEFT_OPEN, type Process, type Size, type State, tickOf } from './State.ts';
import type { Design, Variant } from './Variant.ts';

/** What an exploration has found. */
export interface Exploration {
  readonly states: number;
  /** The promise that was broken first, by the shortest way; `undefined` when all held. */
  readonly broken: string | undefined;
  /** The steps to it. */
  readonly trace: readonly string[];
  /** How often `do()` had ended well in a state: an exploration in which nothing runs shows nothing. */
  readonly worked: number;
}

/** Visits every state that can be reached, the nearest first. */
export function explore({ design, faults, old = 0 }: Variant, size: Size): Exploration {
  const allowed = Object.fromEntries(
    Object.entries(size.faults).map(([fault, most]) => [
      fault,
      fault === 'total' ? most : Math.min(most, faults[fault as keyof typeof faults] ?? 0),
    ]),
  ) as unknown as Size['faults'];
  const first = initialState({ ...size, faults: allowed }, old);
  const seen = new Set([encode(first)]);
  const parents = [-1];
  const labels = [''];
  let queue = [first];
  let worked = 0;
  for (let at = 0; queue.length > 0;) {
    const following: State[] = [];
    for (const state of queue) {
      const steps = successors(state, design);
      for (const { label, state: next } of steps) {
        const key = encode(next);
        if (seen.has(key)) {
          continue;
        }
        seen.add(key);
        parents.push(at);
        labels.push(label);
        following.push(next);
        worked += next.worked > 0 ? 1 : 0;
        const broken = brokenBy(next);
        if (broken) {
          return { states: seen.size, broken, trace: traceTo(parents.length - 1, parents, labels), worked };
        }
      }
      if (isOver(state)) {
        const broken = brokenAtLast(state, design);
        if (broken) {
          return { states: seen.size, broken, trace: traceTo(at, parents, labels), worked };
        }
      }
      at++;
    }
    queue = following;
  }
  return { states: seen.size, broken: undefined, trace: [], worked };
}

function traceTo(index: number, parents: readonly number[], labels: readonly string[]): string[] {
  const trace: string[] = [];
  for (let at = index; at > 0; at = parents[at]!) {
    trace.unshift(labels[at]!);
  }
  return trace;
}

/** Everything that may happen next. */
export function successors(state: State, design: Design): Step[] {
  const { processes } = state;
  return [
    ...processes.flatMap((process, index) =>
      // Two processes that are about to begin the same tick are the same: one of the two orders is enough.
      processes.slice(0, index).some(other => isLike(other, process))
        ? []
        : [...processSteps(state, index, design), ...disturbances(state, index)],
    ),
    ...surroundings(state, design),
  ];
}

function isLike(one: Process, other: Process): boolean {
  return one.at === 'read' && other.at === 'read' && one.ticks === other.ticks;
}

/** A kill, with the statement under way never sent or still to be carried out, and a pause past the lease. */
function disturbances(state: State, index: number): Step[] {
  const process = state.processes[index]!;
  if (process.isOld || ['read', 'ended', 'dead'].includes(process.at)) {
    return [];
  }
  const steps: Step[] = [];
  if (canSpend(state, 'kill')) {
    const die = (p: Process, s: State) => {
      spend(s, 'kill');
      s.rowLockedBy = s.rowLockedBy === index ? LEFT_OPEN : s.rowLockedBy;
      Object.assign(p, tickOf({ isOld: false, index, ticks: 0 }), { at: 'dead' });
    };
    steps.push(take(state, index, 'is killed', die));
  }
  if (canSpend(state, 'pause') && !process.hasElapsed) {
    steps.push(
      take(state, index, 'is paused past its lease', (p, s) => {
        spend(s, 'pause');
        p.hasElapsed = true;
        if (s.lock.owner === p.token) {
          Object.assign(p, { hasLapsed: true });
          s.lock.isExpired = true;
        }
        if (s.key === p.token) {
          p.hasLapsed = true;
          s.key = 0;
        }
      }),
    );
  }
  return steps;
}

/** Late statements, leases that nobody renews, a transaction that the server ends, a flushed cache. */
function surroundings(state: State, design: Design): Step[] {
  const steps: Step[] = [];
  const step = (label: string, change: (next: State) => void) => {
    const next = copy(state);
    change(next);
    steps.push({ label, state: next });
  };
  const isAlive = (token: number) => state.processes.some(process => process.token === token);
  state.late.forEach((statement, at) => {
    const drop = (s: State) => {
      s.late.splice(at, 1);
      s.rowLockedBy = statement.transaction?.hasRowLock ? -1 : s.rowLockedBy;
    };
    step(`late: ${statement.kind} is never carried out`, drop);
    if (statement.kind === 'commit' || !mustWait(state, design, statement)) {
      step(`late: ${statement.kind}`, s => {
        s.late.splice(at, 1);
        carryOut(s, design, statement);
      });
    }
  });
  const { owner, isExpired } = state.lock;
  if (owner !== 0 && !isExpired && !isAlive(owner)) {
    step('the lease of a dead run ends', s => (s.lock.isExpired = true));
  }
  if (state.key !== 0 && !isAlive(state.key)) {
    step('the key of a dead run ends', s => (s.key = 0));
  }
  if (state.rowLockedBy === LEFT_OPEN && !state.late.some(({ transaction }) => transaction?.hasRowLock)) {
    step('the server ends a transaction that was left open', s => (s.rowLockedBy = -1));
  }
  if (canSpend(state, 'flush') && state.key !== 0) {
    step('FLUSHALL', s => {
      spend(s, 'flush');
      s.processes.filter(({ token }) => token === s.key).forEach(process => (process.hasLapsed = true));
      s.key = 0;
    });
  }
  return steps;
}

/** What a state shows at once. */
function brokenBy({ log, broken, endedWell }: State): string | undefined {
  const successes = log.filter(({ status }) => status === 'succeeded');
  if (new Set(successes.map(({ slot }) => slot)).size < successes.length) {
    return 'two success rows for one slot';
  }
  return successes.some(({ token }) => !endedWell.includes(token))
    ? 'a success of a run whose do() has not ended well'
    : broken || undefined;
}

function isOver({ processes, late, rowLockedBy }: State): boolean {
  return late.length === 0 && rowLockedBy === -1 && processes.every(({ at }) => at === 'ended' || at === 'dead');
}

/** What still is wrong once every lease has ended and one process has made its ticks without a fault. */
function brokenAtLast(state: State, design: Design): string | undefined {
  let last = copy(state);
  last.lock.isExpired = true;
  last.key = 0;
  last.processes = [tickOf({ isOld: false, index: 8, ticks: last.slots + 2 })];
  Object.assign(last.faults, { failure: 0, total: 0 });
  for (;;) {
    const [step] = processSteps(last, 0, design);
    if (!step) {
      break;
    }
    last = step.state;
  }
  if (last.processes[0]!.at !== 'ended') {
    return 'a tick never ends';
  }
  if (last.log.some(({ status }) => status === 'running')) {
    return 'a row stands as running for good';
  }
  const served = new Set(last.log.filter(({ status }) => status === 'succeeded').map(({ slot }) => slot));
  return served.size < last.slots ? 'a slot never runs' : brokenBy(last);
}

/** A state as a short text; states that differ give different ones. */
function encode(state: State): string {
  return JSON.stringify([
    Object.values(state.lock),
    state.rowLockedBy,
    state.log.map(row => Object.values(row)),
    state.key,
    state.processes.map(process => Object.values(process)),
    state.late,
    Object.values(state.faults),
    state.hadFault,
    state.worked,
    [...state.endedWell].sort((one, other) => one - other),
    state.broken,
  ]);
}
