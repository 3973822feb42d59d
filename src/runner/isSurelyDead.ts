import type { CronJobLog } from '../history/CronJobLog.ts';

/** The process that decides whether a run is dead. */
export interface Judge {
  readonly host: string;
  readonly pid: number;
  /** How long it has been up, in milliseconds; `undefined` when the clock of the runs is not a real one. */
  readonly uptimeMillis: number | undefined;
  /** Whether a process of this machine lives. */
  readonly isAlive: (pid: number) => boolean;
}

/**
 * Whether a run of a job that may run beside itself, and so holds no lock, cannot be going on any more: it is long past
 * its time-out, its process on this machine is gone, or it is from before the process that has its pid now, which in a
 * container is always 1. Start and present instant are of one clock, so no other clock counts.
 *
 * @param longestMillis that a run can last
 */
export function isSurelyDead(
  run: Pick<CronJobLog, 'host' | 'pid' | 'startTime'>,
  now: Date,
  longestMillis: number,
  judge: Judge,
): boolean {
  const age = now.getTime() - run.startTime.getTime();
  if (age > longestMillis) {
    return true;
  }
  if (run.host !== judge.host) {
    return false;
  }
  return run.pid === judge.pid ? age > (judge.uptimeMillis ?? Infinity) : !judge.isAlive(run.pid);
}
