import type { Faults } from './State.ts';

/** How claim and close are made. */
export interface Design {
  /** Where the lock is: in the lock row, in a cache beside the fence in the lock row, or nowhere that all would see. */
  readonly lock: 'database' | 'cache' | 'apart';
  /** Whether there is a row in `cron_job_lock` that every claim raises and every close asks for. */
  readonly hasFence: boolean;
  /** The first try of a claim; whatever it cannot claim goes through a transaction. `snapshot`: one statement that also decides. */
  readonly claim: 'at once' | 'transaction' | 'snapshot';
  /** What must be unchanged since the reading for a claim without a second one. */
  readonly guard: 'all' | 'fence' | 'fence, whatever runs';
  readonly orphans: 'before the decision' | 'after the decision';
  /** What a close asks for. `0.1.0` asks for the status of the row only. */
  readonly closeCondition: 'owner and fence' | 'status' | 'nothing';
  readonly close: 'together' | 'outcome first' | 'unlock first';
  /** Whether a close that was repeated and found the lock lost looks at the row once more. */
  readonly looksUpLost: boolean;
  /** Whether the lock is confirmed before `do()` when a whole lease has passed. */
  readonly confirms: boolean;
  /** Whether a confirmation that failed for its connection counts as a lost lock. */
  readonly distrusts: boolean;
}

export interface Variant {
  readonly name: string;
  readonly design: Design;
  /** What the exploration must find; `undefined` when all must hold. */
  readonly finds?: string;
  /** Faults that this variant has at most; the others are left out. */
  readonly faults: Partial<Faults>;
  /** How many of the processes are of version 0.1.0. */
  readonly old?: number;
}

/** PostgreSQL as implemented. */
const DATABASE: Design = {
  lock: 'database',
  hasFence: true,
  claim: 'at once',
  guard: 'all',
  orphans: 'before the decision',
  closeCondition: 'owner and fence',
  close: 'together',
  looksUpLost: true,
  confirms: true,
  distrusts: true,
};

const CACHE: Design = { ...DATABASE, lock: 'cache' };

const TROUBLE = { kill: 1, pause: 1, lostReply: 1, late: 1, failure: 1 };

const FLUSHED = { ...TROUBLE, flush: 1 };

/** What is implemented: everything must hold. */
export const IMPLEMENTED: readonly Variant[] = [
  { name: 'databaseLock(), at once (PostgreSQL)', design: DATABASE, faults: TROUBLE },
  {
    name: 'databaseLock(), in a transaction (MariaDB, MySQL, SQLite)',
    design: { ...DATABASE, claim: 'transaction' },
    faults: TROUBLE,
  },
  { name: 'cacheLock(), at once (PostgreSQL)', design: CACHE, faults: FLUSHED },
  { name: 'cacheLock(), in a transaction', design: { ...CACHE, claim: 'transaction' }, faults: FLUSHED },
  {
    name: 'two Redis or two lock directories: overlaps, but one success row a slot',
    design: { ...DATABASE, lock: 'apart' },
    faults: TROUBLE,
  },
  { name: '0.1.0 beside it, without faults', design: DATABASE, faults: { failure: 1 }, old: 1 },
  {
    name: '0.1.0 beside it, in a transaction, without faults',
    design: { ...DATABASE, claim: 'transaction' },
    faults: { failure: 1 },
    old: 1,
  },
  {
    name: 'orphans closed after the decision: the condition of the close is enough',
    design: { ...DATABASE, claim: 'transaction', orphans: 'after the decision' },
    faults: TROUBLE,
  },
  {
    name: 'a close that asks for the status only: orphans before the decision are enough',
    design: { ...DATABASE, claim: 'transaction', closeCondition: 'status', close: 'outcome first' },
    faults: TROUBLE,
  },
];

const TWICE = 'two success rows for one slot';

/** Deliberate faults: each must be found. */
export const BROKEN: readonly Variant[] = [
  {
    name: 'deciding before orphans are closed, with the close of 0.1.0',
    design: {
      ...DATABASE,
      claim: 'transaction',
      orphans: 'after the decision',
      closeCondition: 'status',
      close: 'outcome first',
    },
    faults: TROUBLE,
    finds: TWICE,
  },
  {
    name: 'close without its condition',
    design: { ...DATABASE, closeCondition: 'nothing' },
    faults: TROUBLE,
    finds: TWICE,
  },
  {
    name: 'no fence row, FLUSHALL',
    design: { ...CACHE, hasFence: false, closeCondition: 'status' },
    faults: { flush: 1 },
    finds: TWICE,
  },
  {
    name: 'unlock before the outcome',
    design: { ...DATABASE, closeCondition: 'status', close: 'unlock first' },
    faults: {},
    finds: 'a served slot runs again without a fault',
  },
  {
    name: 'unlock before the outcome, cacheLock()',
    design: { ...CACHE, close: 'unlock first' },
    faults: {},
    finds: 'a served slot runs again without a fault',
  },
  {
    name: 'the fence alone as guard, whatever stands as running',
    design: { ...DATABASE, guard: 'fence, whatever runs' },
    faults: { pause: 1 },
    finds: TWICE,
  },
  {
    name: 'the fence alone as guard, whatever stands as running, cacheLock()',
    design: { ...CACHE, guard: 'fence, whatever runs' },
    faults: {},
    finds: 'a served slot runs again without a fault',
  },
  {
    name: 'the fence alone as guard, 0.1.0 beside it',
    design: { ...DATABASE, guard: 'fence' },
    faults: {},
    old: 1,
    finds: 'a served slot runs again without a fault',
  },
  {
    name: "deciding from the locking statement's own snapshot",
    design: { ...DATABASE, claim: 'snapshot' },
    faults: {},
    finds: 'a served slot runs again without a fault',
  },
  {
    name: 'no confirmation before do()',
    design: { ...DATABASE, confirms: false },
    faults: { pause: 1 },
    finds: 'do() entered after the lock was lost',
  },
  {
    name: 'a confirmation that fails counts as one',
    design: { ...DATABASE, distrusts: false },
    faults: TROUBLE,
    finds: 'do() entered after the lock was lost',
  },
  {
    name: 'a repeated close that finds the lock lost does not look at the row',
    design: { ...DATABASE, looksUpLost: false },
    faults: { late: 1 },
    finds: 'a run reported as lost has its outcome in the log',
  },
  {
    name: 'SQLite with outcome and unlock in two statements, not looked up',
    design: { ...DATABASE, claim: 'transaction', close: 'outcome first', looksUpLost: false },
    faults: { lostReply: 1, late: 1 },
    finds: 'a run reported as lost has its outcome in the log',
  },
];
