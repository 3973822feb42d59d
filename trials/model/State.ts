/** How a row of the log stands: running, succeeded, failed, abandoned. */
export type Status = 'running' | 'succeeded' | 'failed' | 'abandoned';

/** A row of `cron_job_log`. */
export interface LogRow {
  slot: number;
  status: Status;
  /** The claim that wrote it. */
  token: number;
  fence: number;
}

/** The job's row of `cron_job_lock`. */
export interface LockRow {
  fence: number;
  /** The token of the holder; 0 when the lock is free. */
  owner: number;
  /** `locked_at`: the claim that locked it last, since no two claims lock it at the same instant. */
  lockedAt: number;
  /** Whether `locked_until` has passed. */
  isExpired: boolean;
}

/** What the tick reads in one statement. */
export interface Reading {
  /** Slots with a success, as bits. */
  served: number;
  hasRunning: boolean;
  fence: number;
  owner: number;
  lockedAt: number;
  isLeased: boolean;
}

/** What an open transaction has written, which nobody else sees yet. */
export interface Transaction {
  /** The lock row as it was locked; later the row as it is to be. */
  lock: LockRow;
  hasRowLock: boolean;
  /** Rows of the log that are still to be closed. */
  orphans: number[];
  /** Rows of the log that are closed as abandoned, and locked by that. */
  closed: number[];
  /** The slot of the row "running" that is written; -1 for none. */
  started: number;
}

/** A statement as it is sent, so that it can also be carried out late. */
export interface Statement {
  kind:
    | 'claim at once'
    | 'claim'
    | 'commit'
    | 'close'
    | 'outcome'
    | 'free'
    | 'renew'
    | 'set key'
    | 'extend key'
    | 'delete key';
  token: number;
  fence: number;
  slot: number;
  status: Status;
  guard: Reading | null;
  transaction: Transaction | null;
}

/** Where a process is: each is the statement it sends next, or a step of its own. */
export type At =
  | 'read'
  | 'set key'
  | 'snapshot'
  | 'claim at once'
  | 'lock'
  | 'find own'
  | 'read running'
  | 'close orphan'
  | 'read again'
  | 'raise'
  | 'insert'
  | 'commit'
  | 'enter'
  | 'confirm'
  | 'do'
  | 'confirm end'
  | 'close'
  | 'look up'
  | 'outcome'
  | 'free'
  | 'look up lost'
  | 'delete key'
  | 'old lock'
  | 'old decide'
  | 'old orphans'
  | 'old insert'
  | 'ended'
  | 'dead';

/** A process that ticks. */
export interface Process {
  at: At;
  /** Whether it is of version 0.1.0. */
  isOld: boolean;
  /** Ticks that are left, the one under way included. */
  ticks: number;
  /** Of this tick's claim; also the value of its key in the cache. */
  token: number;
  reading: Reading | null;
  slot: number;
  transaction: Transaction | null;
  /** Fence of its run; -1 when it has none. */
  fence: number;
  /** Whether more than a lease has passed since it asked for what was last granted: it can measure that. */
  hasElapsed: boolean;
  /** Whether its lease has ended; it cannot know that. */
  hasLapsed: boolean;
  /** How its run ends. */
  end: Status;
  /** Failed tries of the statement under way. */
  tries: number;
  /** Whether an earlier try of its close may have been written. */
  isRepeat: boolean;
  /** Whether its outcome was written, where the lock is given back by another statement. */
  isWritten: boolean;
}

/** What may still go wrong. */
export interface Faults {
  kill: number;
  /** A pause past the lease. */
  pause: number;
  /** A lost reply of a statement that was carried out. */
  lostReply: number;
  /** A statement that is carried out late, or never, after its client has had an error. */
  late: number;
  /** FLUSHALL of the cache. */
  flush: number;
  /** A job that fails. */
  failure: number;
  /** All of them together. */
  total: number;
}

export interface State {
  /** How many slots are due. */
  readonly slots: number;
  lock: LockRow;
  /** The process that has the lock row locked; -1 for none, {@link LEFT_OPEN} for a transaction that was left open. */
  rowLockedBy: number;
  log: LogRow[];
  /** The value of the key in the cache; 0 for none. */
  key: number;
  processes: Process[];
  /** Statements that may still be carried out. */
  late: Statement[];
  faults: Faults;
  /** Whether anything has gone wrong so far. */
  hadFault: boolean;
  /** Slots whose work has ended well, as bits: nobody in the model can see it. */
  worked: number;
  /** Claims whose `do()` has ended well. */
  endedWell: number[];
  /** The promise that the last step has broken. */
  broken: string;
}

/** Stands for a transaction whose client is gone, until the server ends it. */
export const LEFT_OPEN = 9;

/** How much of it is explored. */
export interface Size {
  readonly processes: number;
  readonly slots: number;
  /** Ticks of each process. */
  readonly ticks: number;
  readonly faults: Faults;
}

export function initialState({ processes, slots, ticks, faults }: Size, old: number): State {
  return {
    slots,
    lock: { fence: 0, owner: 0, lockedAt: 0, isExpired: false },
    rowLockedBy: -1,
    log: [],
    key: 0,
    processes: Array.from({ length: processes }, (_, index) => tickOf({ isOld: index < old, index, ticks })),
    late: [],
    faults: { ...faults },
    hadFault: false,
    worked: 0,
    endedWell: [],
    broken: '',
  };
}

/** A process at the beginning of a tick, with a token of its own. */
export function tickOf({ isOld, index, ticks }: { isOld: boolean; index: number; ticks: number }): Process {
  return {
    at: ticks === 0 ? 'ended' : isOld ? 'old lock' : 'read',
    isOld,
    ticks,
    token: ticks === 0 ? 0 : (index + 1) * 10 + ticks,
    reading: null,
    slot: -1,
    transaction: null,
    fence: -1,
    hasElapsed: false,
    hasLapsed: false,
    end: 'running',
    tries: 0,
    isRepeat: false,
    isWritten: false,
  };
}

export function copy(state: State): State {
  return {
    ...state,
    lock: { ...state.lock },
    log: state.log.map(row => ({ ...row })),
    processes: state.processes.map(copyProcess),
    // Statements and readings are never changed once made.
    late: [...state.late],
    faults: { ...state.faults },
    endedWell: [...state.endedWell],
  };
}

function copyProcess(process: Process): Process {
  return process.transaction ? { ...process, transaction: copyTransaction(process.transaction) } : { ...process };
}

export function copyTransaction(transaction: Transaction): Transaction {
  const { lock, orphans, closed } = transaction;
  return { ...transaction, lock: { ...lock }, orphans: [...orphans], closed: [...closed] };
}
