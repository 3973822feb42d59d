import type { ScheduleHistory } from './ScheduleHistory.ts';

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
