import type { JobReading } from '../claim/readTick.ts';
import type { JobReport } from '../events/TickEvent.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { nextStart } from '../schedule/findSlot.ts';
import { LocalTime } from '../schedule/LocalTime.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import { zoneOf } from '../schedule/systemTimeZone.ts';
import { nextRunOf } from '../state/decideJob.ts';

/** Milliseconds from the start of a run before which its end alone does not bring the next tick. */
const LEAST_PERIOD = 1_000;

/** A job when the tick has dealt with it. */
export interface DealtWith {
  readonly job: CronJobBase;
  readonly reading: JobReading;
  readonly report: Pick<JobReport, 'log' | 'holder'> | undefined;
  /** When the tick read, by the clock that schedules go by, in milliseconds. */
  readonly readAt: number;
  /** The present instant by the same clock. */
  readonly now: number;
  /** When jobs of this tick succeeded, by code. */
  readonly ends?: ReadonlyMap<string, Date>;
}

/**
 * The instant at which a loop must look at a job again, in milliseconds: when it is next due, by what the tick has read and
 * by what became of the job in it. In the past when it is due already; `Infinity` when nothing is known to come.
 *
 * - A job that ran is asked again with its own run as the newest. Due again at once, it has slots that wait
 *   (`missedRuns: 'each'`) or took longer than its interval or retry; one that is due at *every* tick has no instant.
 * - One that was due and did not run, because somebody else has it or it could not be claimed, counts as run now: whoever
 *   has it serves its slot. It is looked at again when the lease of its holder ends.
 */
export function nextWake({ job, reading, report, readAt, now, ends }: DealtWith, timeZone: string): number {
  const { schedule } = job;
  const { state } = reading;
  const history = withEnds(reading.history, ends);
  // A request that this tick has not carried out is looked for between ticks.
  const at = (past: ScheduleHistory, instant: number) =>
    nextRunOf({ schedule, history: past, state: { ...state, request: null }, now: new Date(instant), timeZone });
  const log = report?.log;
  if (log) {
    const isSuccess = log.status === 'succeeded';
    const own: ScheduleHistory = {
      ...history,
      lastRun: { startTime: log.startTime, isSuccess },
      lastSuccessStart: isSuccess ? log.startTime : history.lastSuccessStart,
      lastServedSlot: isSuccess ? (log.scheduledFor ?? history.lastServedSlot) : history.lastServedSlot,
    };
    const again = instantOf(at(own, now));
    if (again > now) {
      return again;
    }
    const started = log.startTime.getTime();
    return isEveryTick(schedule, isSuccess) ? nextSlotAfter(schedule, history, now, timeZone) : started + LEAST_PERIOD;
  }
  // Others of this tick have succeeded since it was read.
  if (history !== reading.history && instantOf(at(history, now)) <= now) {
    return now;
  }
  const due = instantOf(at(history, readAt));
  if (due > readAt) {
    return due;
  }
  const elsewhere: ScheduleHistory = {
    ...history,
    lastRun: { startTime: new Date(now), isSuccess: true },
    lastSuccessStart: new Date(now),
    lastServedSlot: new Date(now),
  };
  const again = instantOf(at(elsewhere, now));
  const next = again > now ? again : nextSlotAfter(schedule, history, now, timeZone);
  const until = report?.holder?.until?.getTime() ?? Infinity;
  return until > now ? Math.min(next, until) : next;
}

/** Whether a job that has just run is due at every tick, so that its end calls for none. */
function isEveryTick(schedule: Schedule, isSuccess: boolean): boolean {
  const millis = isSuccess ? (schedule.runEveryMins ?? Infinity) * 60_000 : schedule.retryAfterFailureMins * 60_000;
  return millis - schedule.runToleranceSeconds * 1_000 <= 0;
}

function nextSlotAfter(schedule: Schedule, history: ScheduleHistory, now: number, timeZone: string): number {
  return nextStart(schedule, history, now, LocalTime.of(zoneOf(schedule, timeZone)))?.instant ?? Infinity;
}

/** When jobs of a tick succeeded, by code. */
export function successEndsOf(reports: readonly Pick<JobReport, 'job' | 'log'>[]): ReadonlyMap<string, Date> {
  return new Map(
    reports.flatMap(({ job, log }): [string, Date][] =>
      log?.isSuccess && log.endTime ? [[job.code, log.endTime]] : [],
    ),
  );
}

/** A job's past with the successes of this tick that it waits for. */
function withEnds<History extends ScheduleHistory>(history: History, ends: DealtWith['ends']): History {
  const news = [...(history.successEnds?.keys() ?? [])].filter(code => ends?.has(code));
  return news.length === 0
    ? history
    : {
        ...history,
        successEnds: new Map([...history.successEnds!, ...news.map(code => [code, ends!.get(code)!] as const)]),
      };
}

function instantOf(date: Date | null): number {
  return date?.getTime() ?? Infinity;
}
