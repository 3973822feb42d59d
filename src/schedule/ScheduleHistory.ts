/** What a schedule needs to know of a job's past, and all it may depend on: its size does not grow with the log. */
export interface ScheduleHistory {
  /** The newest run that did not start in the future, whatever came of it; `null` before the first. */
  readonly lastRun: { readonly startTime: Date; readonly isSuccess: boolean } | null;
  /** Start of the newest successful run that did not start in the future. */
  readonly lastSuccessStart: Date | null;
  /** The newest slot (not after now) that a successful run has served; older slots are settled with it. */
  readonly lastServedSlot: Date | null;
  /** The job's code, which tells by how much `spreadMins` delays it; without one it is not delayed. */
  readonly code?: string;
  /** When the newest success of each job of `runsAfter` ended, by code; `null` or missing before the first. */
  readonly successEnds?: ReadonlyMap<string, Date | null>;
}

/** The history of a job that has never run. */
export const NO_HISTORY: ScheduleHistory = { lastRun: null, lastSuccessStart: null, lastServedSlot: null };

/** A run as far as schedules care. */
export interface PastRun {
  readonly startTime: Date;
  readonly isSuccess: boolean;
  /** The slot it served; `null` for interval and forced runs. */
  readonly scheduledFor: Date | null;
}

/** Summarises runs, in any order, for `isDue()` at an instant, as a tick reads them from the log. */
export function historyOf(runs: readonly PastRun[], now: Date): ScheduleHistory {
  const started = runs.filter(({ startTime }) => startTime <= now);
  const served = runs
    .map(run => (run.isSuccess ? run.scheduledFor : null))
    .filter(slot => slot !== null && slot <= now);
  return {
    lastRun: newest(started),
    lastSuccessStart: newest(started.filter(({ isSuccess }) => isSuccess))?.startTime ?? null,
    lastServedSlot:
      served.length === 0 ? null : new Date(served.reduce((newest, slot) => Math.max(newest, Number(slot)), -Infinity)),
  };
}

/** The run that started last; of two that started at once, the later in the list. */
function newest(runs: readonly PastRun[]): PastRun | null {
  return runs.reduce<PastRun | null>((last, run) => (last && last.startTime > run.startTime ? last : run), null);
}
