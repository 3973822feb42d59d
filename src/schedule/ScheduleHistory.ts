/** What a schedule needs to know of a job's past, and all it may depend on: its size does not grow with the log. */
export interface ScheduleHistory {
  /** The newest run that did not start in the future, whatever came of it; `null` before the first. */
  readonly lastRun: { readonly startTime: Date; readonly isSuccess: boolean } | null;
  /** Start of the newest successful run that did not start in the future. */
  readonly lastSuccessStart: Date | null;
  /** The newest slot (not after now) that a successful run has served; older slots are settled with it. */
  readonly lastServedSlot: Date | null;
}

/** The history of a job that has never run. */
export const NO_HISTORY: ScheduleHistory = { lastRun: null, lastSuccessStart: null, lastServedSlot: null };
