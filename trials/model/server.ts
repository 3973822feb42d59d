import { copyTransaction, type LogRow, type Process, type Reading, type State, type Statement } from './State.ts';
import type { Design } from './Variant.ts';

/** What a statement answers: a fence, a count, or whether it did something. */
export type Answer = number;

/** Nothing was done. */
export const NOTHING = -1;

/** One statement's own snapshot of log and lock row, with what its transaction has written. */
export function read(state: State, process?: Process): Reading {
  const closed = process?.transaction?.closed ?? [];
  let [served, hasRunning] = [0, false];
  state.log.forEach(({ status, slot }, at) => {
    served |= status === 'succeeded' ? 1 << slot : 0;
    hasRunning ||= status === 'running' && !closed.includes(at);
  });
  const { fence, owner, lockedAt, isExpired } = state.lock;
  return { served, hasRunning, fence, owner, lockedAt, isLeased: owner !== 0 && !isExpired };
}

/** Whether a statement has to wait for a row that an open transaction has locked. */
export function mustWait(state: State, design: Design, { kind, token, fence }: Statement): boolean {
  const isRowLocked = state.rowLockedBy !== -1;
  switch (kind) {
    case 'close':
    case 'free':
    case 'renew':
      return isRowLocked;
    case 'outcome':
      return (isRowLocked && design.closeCondition === 'owner and fence') || isClosing(state, token, fence);
    case 'claim':
      return isRowLocked;
    default:
      return false;
  }
}

/** Whether an open transaction has closed that run's row, or one that is still to be committed has. */
function isClosing(state: State, token: number, fence: number): boolean {
  const at = state.log.findIndex(row => isRowOf(row, token, fence));
  const open = [...state.processes, ...state.late].map(({ transaction }) => transaction);
  return open.some(transaction => transaction?.closed.includes(at));
}

export function isRowOf(row: LogRow, token: number, fence: number): boolean {
  return row.token === token && row.fence === fence;
}

/** Carries out a statement. */
export function carryOut(state: State, design: Design, statement: Statement): Answer {
  const { kind, token, fence, slot, guard, transaction } = statement;
  const { lock, log } = state;
  const isOurs = lock.owner === token && lock.fence === fence;
  switch (kind) {
    case 'claim at once': {
      const isFree = design.lock !== 'database' || lock.owner === 0 || lock.isExpired;
      const isUnchanged = design.claim === 'snapshot' || isSame(lock, guard!, design);
      return state.rowLockedBy === -1 && isFree && isUnchanged ? start(state, token, slot) : NOTHING;
    }
    case 'claim':
      return claimWhole(state, design, statement);
    case 'commit': {
      const { started, closed, hasRowLock, lock: written } = copyTransaction(transaction!);
      closed.forEach(at => (log[at]!.status = 'abandoned'));
      if (started >= 0) {
        log.push({ slot: started, status: 'running', token, fence: written.fence });
        if (hasRowLock) {
          state.lock = written;
        }
      }
      if (hasRowLock) {
        state.rowLockedBy = -1;
      }
      return written.fence;
    }
    case 'close': {
      const isWritten = outcome(state, design, statement);
      if (isOurs) {
        lock.owner = 0;
      }
      return isWritten;
    }
    case 'outcome':
      return outcome(state, design, statement);
    case 'free':
      if (isOurs) {
        lock.owner = 0;
      }
      return isOurs ? 1 : NOTHING;
    case 'renew':
      if (isOurs) {
        lock.isExpired = false;
      }
      return isOurs ? 1 : NOTHING;
    case 'set key':
      if (state.key !== 0) {
        return NOTHING;
      }
      state.key = token;
      return 1;
    case 'extend key':
      return state.key === token ? 1 : NOTHING;
    case 'delete key':
      state.key = state.key === token ? 0 : state.key;
      return 1;
  }
}

/** Writes the outcome of a run into its row. */
function outcome(state: State, design: Design, { token, fence, status }: Statement): Answer {
  const row = state.log.find(each => isRowOf(each, token, fence));
  const isOurs = state.lock.owner === token && state.lock.fence === fence;
  const may = { 'owner and fence': isOurs, status: true, nothing: true }[design.closeCondition];
  if (!row || !may || (row.status !== 'running' && design.closeCondition !== 'nothing')) {
    return NOTHING;
  }
  row.status = status;
  return 1;
}

/** Raises the fence, takes the lease, and writes the row "running". */
function start(state: State, token: number, slot: number): Answer {
  const fence = state.lock.fence + 1;
  state.lock = { fence, owner: token, lockedAt: token, isExpired: false };
  state.log.push({ slot, status: 'running', token, fence });
  return fence;
}

export function isSame(lock: State['lock'], guard: Reading, { guard: asked }: Design): boolean {
  return (
    lock.fence === guard.fence && (asked !== 'all' || (lock.owner === guard.owner && lock.lockedAt === guard.lockedAt))
  );
}

/** A whole transaction that its client has given up, and that goes on unseen. */
function claimWhole(state: State, design: Design, { token, guard }: Statement): Answer {
  const { lock, log } = state;
  const isFree = lock.owner === 0 || lock.isExpired || lock.owner === token || design.lock !== 'database';
  const isElsewhere = design.lock !== 'database';
  if (!isFree || (isElsewhere && !isSame(lock, guard!, design)) || hasOwn(state, token)) {
    return NOTHING;
  }
  log.forEach(row => (row.status = row.status === 'running' ? 'abandoned' : row.status));
  const slot = firstUnserved(read(state).served, state.slots);
  return slot === -1 ? NOTHING : start(state, token, slot);
}

/** Whether the run of this very claim stands as running. */
export function hasOwn({ lock, log }: State, token: number): boolean {
  return lock.owner === token && log.some(row => isRowOf(row, token, lock.fence) && row.status === 'running');
}

/** The slot that a tick decides to run; -1 when all are served. */
export function firstUnserved(served: number, slots: number): number {
  for (let slot = 0; slot < slots; slot++) {
    if ((served & (1 << slot)) === 0) {
      return slot;
    }
  }
  return -1;
}
