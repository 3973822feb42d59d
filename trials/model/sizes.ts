import type { Faults, Size } from './State.ts';

const ONE_EACH: Faults = { kill: 1, pause: 1, lostReply: 1, late: 1, flush: 1, failure: 1, total: 1 };

/** For a test: seconds. */
export const SMALL: readonly Size[] = [
  { processes: 2, slots: 1, ticks: 2, faults: ONE_EACH },
  { processes: 2, slots: 1, ticks: 1, faults: { ...ONE_EACH, total: 2 } },
];

/** For the full run: minutes. */
export const FULL: readonly Size[] = [
  ...SMALL,
  { processes: 2, slots: 2, ticks: 2, faults: ONE_EACH },
  { processes: 2, slots: 1, ticks: 2, faults: { ...ONE_EACH, total: 2 } },
  { processes: 3, slots: 1, ticks: 1, faults: { ...ONE_EACH, failure: 0, total: 2 } },
];
