import { type Answer, carryOut, isSame, isRowOf, mustWait } from './server.ts';
import { type At, copy, type Faults, type Process, type State, type Statement, tickOf } from './State.ts';
import type { Design } from './Variant.ts';

/** One step of somebody, and what it leads to. */
export interface Step {
  readonly label: string;
  readonly state: State;
}

export type OnAnswer = (process: Process, state: State, answer: Answer) => unknown;

/** How often a claim or a close is tried. */
export const TRIES = 2;

type Fault = Exclude<keyof Faults, 'total'>;

export function canSpend({ faults }: State, fault: Fault): boolean {
  return faults[fault] > 0 && (fault === 'failure' || faults.total > 0);
}

/** A job that fails is not a fault of the kind that excuses anything. */
export function spend(state: State, fault: Fault): void {
  state.faults[fault]--;
  if (fault !== 'failure') {
    state.faults.total--;
    state.hadFault = true;
  }
}

export function take(state: State, index: number, label: string, change: (p: Process, s: State) => unknown): Step {
  const next = copy(state);
  change(next.processes[index]!, next);
  return { label: `${String.fromCharCode(65 + index)} ${label}`, state: next };
}

/** A statement: carried out and answered, carried out with its reply lost, or left to be carried out late or never. */
export function sendStatement(
  state: State,
  index: number,
  design: Design,
  {
    statement,
    onAnswer,
    onError,
  }: { statement: Statement; onAnswer: OnAnswer; onError: (process: Process, state: State) => unknown },
): Step[] {
  const steps: Step[] = [];
  if (statement.kind === 'commit' || !mustWait(state, design, statement)) {
    steps.push(take(state, index, statement.kind, (p, s) => onAnswer(p, s, carryOut(s, design, statement))));
    if (canSpend(state, 'lostReply')) {
      steps.push(
        take(state, index, `${statement.kind}, reply lost`, (p, s) => {
          spend(s, 'lostReply');
          carryOut(s, design, statement);
          onError(p, s);
        }),
      );
    }
  }
  if (canSpend(state, 'late')) {
    steps.push(
      take(state, index, `${statement.kind}, not carried out yet`, (p, s) => {
        spend(s, 'late');
        s.late.push(statement);
        onError(p, s);
      }),
    );
  }
  return steps;
}

export function statementOf(process: Process, kind: Statement['kind']): Statement {
  const { token, fence, slot, end, reading, transaction } = process;
  return { kind, token, fence, slot, status: end, guard: reading, transaction: kind === 'commit' ? transaction : null };
}

/** Ends the tick; the next one has a token of its own. */
export function endTick(state: State, index: number): At {
  const { isOld, ticks } = state.processes[index]!;
  Object.assign(state.processes[index]!, tickOf({ isOld, index, ticks: ticks - 1 }));
  return state.processes[index]!.at;
}

export function claimAt({ reading }: Process, design: Design): At {
  if (!design.hasFence) {
    return 'read running';
  }
  if (design.claim === 'snapshot') {
    return 'snapshot';
  }
  const isFast = !reading!.hasRunning || design.guard === 'fence, whatever runs';
  return design.claim === 'at once' && isFast ? 'claim at once' : 'lock';
}

export function claimed(fence: number): Partial<Process> {
  return { at: 'enter', fence, tries: 0 };
}

/** After a claim that starts nothing: another backend's lock is given back. */
export function afterClaim(state: State, design: Design, index: number): At {
  return design.lock === 'cache' ? 'delete key' : endTick(state, index);
}

export function afterRun(state: State, design: Design, index: number): At {
  return design.lock === 'cache' && design.close !== 'unlock first' ? 'delete key' : endTick(state, index);
}

/** The locking statement of a claim's transaction, and what follows from the row it gives. */
export function lockRow(process: Process, state: State, design: Design, index: number): void {
  const { lock } = state;
  const { token, reading } = process;
  const isElsewhere = design.lock !== 'database';
  const isFree = lock.owner === 0 || lock.isExpired || lock.owner === token || isElsewhere;
  if (state.rowLockedBy !== -1 || !isFree) {
    process.at = afterClaim(state, design, index);
    return;
  }
  const isUnchanged = design.claim !== 'snapshot' && isSame(lock, reading!, design);
  if (isElsewhere && !isUnchanged && lock.owner !== token) {
    process.at = afterClaim(state, design, index);
    return;
  }
  state.rowLockedBy = index;
  process.transaction = { lock: { ...lock }, hasRowLock: true, orphans: [], closed: [], started: -1 };
  const isFast =
    isUnchanged && process.slot !== -1 && (!reading!.hasRunning || design.guard === 'fence, whatever runs');
  process.at = lock.owner === token ? 'find own' : isFast ? 'raise' : 'read running';
}

export function nextOrphan({ transaction }: Process): At {
  return transaction!.orphans.length > 0 ? 'close orphan' : 'read again';
}

export function closeAt({ close, lock, hasFence }: Design): At {
  if (close === 'unlock first') {
    return lock === 'cache' ? 'delete key' : 'free';
  }
  return close === 'together' && hasFence ? 'close' : 'outcome';
}

/** The close has answered. */
export function written(process: Process, state: State, design: Design, index: number): At {
  return !process.isWritten && process.isRepeat && design.looksUpLost
    ? 'look up lost'
    : reported(process, state, design, index);
}

/** The run is reported: as it ended, or as one that has lost its lock. */
export function reported({ isWritten, token, fence, end }: Process, state: State, design: Design, index: number): At {
  if (!isWritten && state.log.some(row => isRowOf(row, token, fence) && row.status === end)) {
    state.broken = 'a run reported as lost has its outcome in the log';
  }
  return afterRun(state, design, index);
}

/** Calls `do()`. Where there is no common lock, two at once are to be expected, and so is a repeat. */
export function enterJob(process: Process, state: State, index: number, design: Design): void {
  const { token, fence, slot, hasElapsed, hasLapsed } = process;
  const isOurs =
    design.lock === 'apart' ||
    (design.lock === 'cache' ? state.key === token : state.lock.owner === token && state.lock.fence === fence);
  const others = state.processes.filter((other, at) => at !== index && other.at === 'do' && !other.hasLapsed);
  if (hasElapsed && !isOurs) {
    state.broken = 'do() entered after the lock was lost';
  } else if (!hasLapsed && others.length > 0 && design.lock !== 'apart') {
    state.broken = 'two in do() while both leases hold';
  } else if ((state.worked & (1 << slot)) !== 0 && !state.hadFault && design.lock !== 'apart') {
    state.broken = 'a served slot runs again without a fault';
  }
  process.at = 'do';
}
