import { describe, expect, it } from 'vitest';
import { CronJobLog, defineCronJob, Schedule, type ScheduleOptions } from '../../src/index.ts';
import { nextWake } from '../../src/runner/nextWake.ts';
import { NO_HISTORY, type ScheduleHistory } from '../../src/schedule/ScheduleHistory.ts';
import { NO_STATE } from '../../src/state/JobState.ts';

/** A tick at noon; a run of it has started 10 ms and ended 50 ms later. */
const NOON = Date.parse('2026-03-10T12:00:00Z');
const at = (time: string) => new Date(`2026-03-10T${time}Z`);

interface Case extends Partial<ScheduleHistory> {
  schedule: ScheduleOptions;
  /** What has become of the job in this tick; nothing when it has not run. */
  ran?: 'succeeded' | 'failed';
  scheduledFor?: Date;
  startTime?: Date;
  lockedUntil?: Date | null;
  now?: Date;
}

function wake({ schedule, ran, scheduledFor, startTime, lockedUntil, now, ...history }: Case): string {
  const job = defineCronJob({
    code: 'a',
    schedule: new Schedule({ timeZone: 'UTC', ...schedule }),
    do: () => undefined,
  });
  const log = ran
    ? Object.assign(new CronJobLog(), {
        status: ran,
        startTime: startTime ?? new Date(NOON + 10),
        scheduledFor: scheduledFor ?? null,
      })
    : null;
  const holder = lockedUntil === undefined ? null : { host: 'h', pid: 1, since: at('11:00:00'), until: lockedUntil };
  const instant = nextWake(
    {
      job,
      reading: {
        history: { ...NO_HISTORY, previousSuccess: null, hasRunning: false, ...history },
        state: NO_STATE,
        guard: null,
        holder: null,
      },
      report: { log, holder },
      readAt: NOON,
      now: now?.getTime() ?? NOON + 50,
    },
    'UTC',
  );
  return instant === Infinity ? 'never' : new Date(instant).toISOString().slice(11, 23);
}

describe('a loop looks at a job again', () => {
  it('at its next slot or interval, when it was not due', () => {
    const lastSuccessStart = at('11:50:00');
    expect(wake({ schedule: { runEveryMins: 30 }, lastSuccessStart })).toBe('12:20:00.000');
    const runAtTimes = ['06:30', '18:00'];
    expect(wake({ schedule: { runAtTimes }, lastServedSlot: at('06:30:00') })).toBe('18:00:00.000');
  });

  it('at once, when it became due while the tick was busy with others', () => {
    const late = { schedule: { runEveryMins: 30 }, lastSuccessStart: at('11:30:05'), now: at('12:03:00') };
    expect(wake(late)).toBe('12:00:05.000');
  });

  it('at the end of the wait after a failure, before or in this tick', () => {
    const schedule = { cron: '* * * * *', retryAfterFailureMins: 5 };
    expect(wake({ schedule, lastRun: { startTime: at('11:58:00'), isSuccess: false } })).toBe('12:03:00.000');
    expect(wake({ schedule, ran: 'failed', scheduledFor: at('12:00:00') })).toBe('12:05:00.010');
  });

  it('by its own run, when it ran', () => {
    const minutely = { cron: '* * * * *' };
    expect(wake({ schedule: minutely, ran: 'succeeded', scheduledFor: at('12:00:00') })).toBe('12:01:00.000');
    expect(wake({ schedule: { runEveryMins: 7 }, ran: 'succeeded' })).toBe('12:07:00.010');
    // What it serves now does not bring back what was served before.
    const once = { schedule: { runAtTimes: ['11:00', '11:30'] }, lastServedSlot: at('11:30:00') };
    expect(wake({ ...once, ran: 'succeeded' })).toBe('11:00:00.000');
  });

  it('at the next slot only, when it has failed and is due at every tick', () => {
    expect(wake({ schedule: { cron: '*/15 * * * *' }, ran: 'failed', scheduledFor: at('12:00:00') })).toBe(
      '12:15:00.000',
    );
  });

  it('at no instant of its own, when it is due at every tick', () => {
    expect(wake({ schedule: { runEveryMins: 0 } })).toBe('never');
    expect(wake({ schedule: { runEveryMins: 0 }, ran: 'succeeded' })).toBe('never');
    expect(wake({ schedule: { runEveryMins: 0 }, ran: 'failed' })).toBe('never');
    expect(wake({ schedule: { runEveryMins: 1, runToleranceSeconds: 60 }, ran: 'succeeded' })).toBe('never');
  });

  it('a second after its start at the earliest, when further slots wait or it took longer than its interval', () => {
    const each = { cron: '0 * * * *', missedRuns: 'each' as const };
    expect(wake({ schedule: each, ran: 'succeeded', scheduledFor: at('09:00:00') })).toBe('12:00:01.010');
    expect(wake({ schedule: { runEveryMins: 1 }, ran: 'succeeded', now: at('12:02:00') })).toBe('12:00:01.010');
  });

  it('as if it had run, when somebody else has it, and at the end of that lease', () => {
    const schedule = { cron: '*/10 * * * *' };
    expect(wake({ schedule })).toBe('12:10:00.000');
    expect(wake({ schedule, lockedUntil: at('12:04:00') })).toBe('12:04:00.000');
    expect(wake({ schedule, lockedUntil: at('12:30:00') })).toBe('12:10:00.000');
    expect(wake({ schedule, lockedUntil: null })).toBe('12:10:00.000');
    // A lease that is over when the tick ends is nothing to wait for.
    expect(wake({ schedule, lockedUntil: at('11:59:59') })).toBe('12:10:00.000');
    expect(wake({ schedule: { runEveryMins: 5 } })).toBe('12:05:00.050');
  });

  it('never, when it is never due again', () => {
    expect(wake({ schedule: { cron: '0 0 31 2 *' } })).toBe('never');
  });
});
