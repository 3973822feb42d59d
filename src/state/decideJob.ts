import type { RunTrigger } from '../history/CronJobLog.ts';
import { type Decision, isDue } from '../schedule/isDue.ts';
import { clockTime, LocalTime } from '../schedule/LocalTime.ts';
import { nextRun } from '../schedule/nextRun.ts';
import type { Schedule } from '../schedule/Schedule.ts';
import type { ScheduleHistory } from '../schedule/ScheduleHistory.ts';
import { zoneOf } from '../schedule/systemTimeZone.ts';
import { type JobPause, type JobState, pauseAt } from './JobState.ts';

/** Who asked for a run, and with what. */
export interface RunOrigin {
  readonly requestedBy: string | null;
  readonly requestId: string | null;
  readonly queuedAt: Date | null;
  /** As JSON. */
  readonly arguments: string | null;
}

/** A decision that knows the state of the job. */
export interface JobDecision extends Decision {
  /** Why a run starts; `null` when none does. */
  readonly trigger?: RunTrigger | null;
  readonly origin?: RunOrigin;
  /** Whether a pause, a skip or somebody who was faster keeps it from running, rather than the schedule. */
  readonly isHeld?: boolean;
}

/** Why the run that a decision starts does. */
export function triggerOf({ trigger, scheduledFor }: JobDecision): RunTrigger {
  return trigger ?? (scheduledFor === null ? 'interval' : 'slot');
}

/** A job's schedule, past and state at an instant. */
export interface Situation {
  readonly schedule: Schedule;
  readonly history: ScheduleHistory;
  readonly state: JobState;
  readonly now: Date;
  readonly timeZone: string;
}

const NOT_DUE = { due: false, scheduledFor: null, ranAtTime: null } as const;

const HELD = { ...NOT_DUE, isHeld: true } as const;

/**
 * Whether a job is due, given what people have set for it. Pure, as `isDue()` is.
 *
 * 1. A paused job is not due, nor is its request carried out, until it is resumed.
 * 2. A waiting request is due. One without arguments also serves the slot that is due.
 * 3. What is skipped is not due; a skipped slot settles older ones as a served one does.
 * 4. Else the schedule decides.
 */
export function decideJob(situation: Situation): JobDecision {
  const { schedule, state, now, timeZone } = situation;
  const local = LocalTime.of(zoneOf(schedule, timeZone));
  const pause = pauseAt(state, now);
  if (pause) {
    return { ...HELD, reason: describePause(pause, { now, local, isOfAll: pause !== state.pause }) };
  }
  const history = withSkips(situation);
  const isSkipping = state.skip?.until != null && now < state.skip.until;
  const scheduled = isDue(schedule, history, now, timeZone);
  const { request, skip } = state;
  if (request) {
    const serves = scheduled.due && !isSkipping && request.arguments === null ? scheduled : NOT_DUE;
    return {
      due: true,
      scheduledFor: serves.scheduledFor,
      ranAtTime: serves.ranAtTime,
      trigger: 'request',
      origin: {
        requestedBy: request.by,
        requestId: request.id,
        queuedAt: request.at,
        arguments: request.arguments,
      },
      get reason() {
        return `requested by ${request.by} ${clockTime(request.at.getTime(), now.getTime(), local)} ${local.timeZone}`;
      },
    };
  }
  if (isSkipping && skip?.until) {
    const until = clockTime(skip.until.getTime(), now.getTime(), local);
    return { ...HELD, reason: `skipped until ${until} ${local.timeZone} by ${skip.by}` };
  }
  return scheduled.due || !skip?.slot || !isRelevant(skip.slot, situation)
    ? scheduled
    : withSkippedSlot(scheduled, skip.slot, { by: skip.by, now, local });
}

/** When a job will next be due, given what people have set for it: `now` when it is due now, `null` when that is not known. */
export function nextRunOf(situation: Situation): Date | null {
  const { schedule, state, timeZone } = situation;
  const pause = pauseAt(state, situation.now);
  if (pause) {
    return pause.until && nextRunOf({ ...situation, now: pause.until });
  }
  if (state.request) {
    return situation.now;
  }
  const { skip } = state;
  const now = skip?.until && situation.now < skip.until ? skip.until : situation.now;
  const history = withSkips({ ...situation, now });
  const next = nextRun(schedule, history, now, timeZone);
  // What is skipped is the slot, which `spreadMins` starts later.
  const served = (at: Date) => isDue(schedule, history, at, timeZone).scheduledFor ?? at;
  if (next === null || skip?.slot == null || skip.slot <= now || served(next).getTime() !== skip.slot.getTime()) {
    return next;
  }
  return nextRunOf({ ...situation, now: new Date(skip.slot) });
}

/** The past as if what was skipped had been served. */
export function withSkips({
  history,
  state: { skip },
  now,
}: Pick<Situation, 'history' | 'state' | 'now'>): ScheduleHistory {
  if (skip === null) {
    return history;
  }
  const isReached = (instant: Date | null): instant is Date => instant !== null && instant <= now;
  // What begins at the end of the skipped stretch is not skipped.
  const before = isReached(skip.until) ? new Date(skip.until.getTime() - 1) : null;
  const slot = isReached(skip.slot) ? skip.slot : null;
  return {
    ...history,
    lastSuccessStart: newest(history.lastSuccessStart, slot, now),
    lastServedSlot: newest(newest(history.lastServedSlot, slot, now), before, now),
  };
}

/** The later of two instants, of which one of a clock that was wrong does not count. */
function newest(one: Date | null, other: Date | null, now: Date): Date | null {
  return other === null || (one !== null && one <= now && one >= other) ? one : other;
}

/** How a pause is described. */
export interface PauseView {
  readonly now: Date;
  readonly local: LocalTime;
  /** Whether it is the pause of all jobs. */
  readonly isOfAll: boolean;
}

/** A pause in words: `paused until 14:00 Europe/Prague by ops@web-1: SMTP down`. */
export function describePause({ until, by, reason }: JobPause, { now, local, isOfAll }: PauseView): string {
  const end = until ? ` until ${clockTime(until.getTime(), now.getTime(), local)} ${local.timeZone}` : '';
  return `${isOfAll ? 'all jobs paused' : 'paused'}${end} by ${by}${reason === null ? '' : `: ${reason}`}`;
}

/** A slot that is over when the job has run since, or has another slot before it, says nothing of the present. */
function isRelevant(slot: Date, { history, now }: Situation): boolean {
  const { lastSuccessStart, lastServedSlot } = history;
  return slot > now || ![lastSuccessStart, lastServedSlot].some(instant => instant !== null && instant >= slot);
}

function withSkippedSlot(
  decision: Decision,
  slot: Date,
  { by, now, local }: { readonly by: string; readonly now: Date; readonly local: LocalTime },
): JobDecision {
  return {
    ...HELD,
    get reason() {
      const at = clockTime(slot.getTime(), now.getTime(), local);
      return slot > now
        ? `${decision.reason}; ${at} is skipped by ${by}`
        : `${at} ${local.timeZone} was skipped by ${by}; ${decision.reason}`;
    },
  };
}
