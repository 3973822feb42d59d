import { describe, expect, it } from 'vitest';
import { historyOf, isDue, nextRun, type PastRun, Schedule } from '../../src/index.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-02T12:00:00Z');

function isDueAt(schedule: Schedule, instant: number, runs: readonly PastRun[] = []): boolean {
  const now = new Date(instant);
  return isDue(schedule, historyOf(runs, now), now, 'UTC').due;
}

describe('a slot late in the day', () => {
  const schedule = new Schedule({ runAtTimes: ['23:58'] });
  const slot = Date.parse('2026-03-02T23:58:00Z');

  it('may start up to 60 minutes later, that minute included, though its day has ended', () => {
    expect(isDueAt(schedule, slot)).toBe(true);
    expect(isDueAt(schedule, slot + 60 * MINUTE)).toBe(true);
    expect(isDueAt(schedule, slot + 60 * MINUTE + 1)).toBe(false);
  });

  it('that is earlier than 23:00 may start until its day ends', () => {
    const early = new Schedule({ runAtTimes: ['22:59'] });
    const midnight = slot + 2 * MINUTE;
    expect(isDueAt(early, midnight - 1)).toBe(true);
    expect(isDueAt(early, midnight)).toBe(false);
  });
});

describe('the wait after a failure', () => {
  const schedule = new Schedule({ runEveryMins: 5, retryAfterFailureMins: 30 });
  const failure = { startTime: new Date(NOON), isSuccess: false, scheduledFor: null };

  it('begins with the failed run’s own start', () => {
    expect(isDueAt(schedule, NOON, [failure])).toBe(false);
    expect(nextRun(schedule, historyOf([failure], new Date(NOON)), new Date(NOON), 'UTC')).toEqual(
      new Date(NOON + 30 * MINUTE),
    );
  });

  it('ends at its last instant, and not before', () => {
    expect(isDueAt(schedule, NOON + 30 * MINUTE - 1, [failure])).toBe(false);
    expect(isDueAt(schedule, NOON + 30 * MINUTE, [failure])).toBe(true);
  });

  it('is not for a failed run that starts in the future', () => {
    const history = { lastRun: failure, lastSuccessStart: null, lastServedSlot: null };
    expect(isDue(schedule, history, new Date(NOON - 1), 'UTC').due).toBe(true);
  });
});

describe('an interval', () => {
  const schedule = new Schedule({ runEveryMins: 5 });
  const success = { startTime: new Date(NOON), isSuccess: true, scheduledFor: null };

  it('begins with the start of the success', () => {
    expect(isDueAt(schedule, NOON, [success])).toBe(false);
  });

  it('has passed at its last instant, and not before', () => {
    expect(isDueAt(schedule, NOON + 5 * MINUTE - 1, [success])).toBe(false);
    expect(isDueAt(schedule, NOON + 5 * MINUTE, [success])).toBe(true);
  });

  it('does not begin with a success that starts in the future', () => {
    const history = { lastRun: success, lastSuccessStart: success.startTime, lastServedSlot: null };
    expect(isDue(schedule, history, new Date(NOON - 1), 'UTC').due).toBe(true);
  });
});
