import type { JobOverview } from '../../runner/readOverview.ts';

/** The values of `cron:list --sort`. */
export const LIST_ORDERS = ['jobs', 'code', 'next', 'last', 'failures'] as const;

/** An order of `cron:list`. */
export type ListOrder = (typeof LIST_ORDERS)[number];

/** The orders of `cron:list`, as comparisons. */
export const overviewOrders: Record<ListOrder, (one: JobOverview, other: JobOverview) => number> = {
  jobs: () => 0,
  code: (one, other) => one.job.code.localeCompare(other.job.code, 'en'),
  next: (one, other) => compare(time(one.nextRun, Infinity), time(other.nextRun, Infinity)),
  last: (one, other) => compare(time(other.lastRun?.startTime, -Infinity), time(one.lastRun?.startTime, -Infinity)),
  failures: (one, other) => other.failureStreak - one.failureStreak,
};

function time(instant: Date | null | undefined, none: number): number {
  return instant?.getTime() ?? none;
}

/** Infinities have no difference. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
