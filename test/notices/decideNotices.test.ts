import { describe, expect, it } from 'vitest';
import { NO_HISTORY, Schedule } from '../../src/index.ts';
import { decideNotices } from '../../src/notices/decideNotices.ts';
import { PlayedLog } from './PlayedLog.ts';

describe('over simulated weeks, notices', () => {
  it('come once for a streak, once for its end, and once for the next streak', () => {
    const log = new PlayedLog();
    log.until('2026-03-04T10:00Z', 'succeeds');
    log.until('2026-03-09T10:00Z', 'fails');
    log.until('2026-03-11T10:00Z', 'succeeds');
    log.until('2026-03-11T11:01Z', 'fails');
    log.until('2026-03-20T00:00Z', 'succeeds');
    expect(log.said).toEqual([
      '03-04T11:00 failing 13',
      '03-09T10:00 recovered',
      '03-11T11:00 failing 13',
      '03-11T11:30 recovered',
    ]);
  });

  it('do not come for fewer failures than minNumFailures, however often', () => {
    const log = new PlayedLog();
    for (let day = 3; day < 23; day++) {
      const date = `2026-03-${String(day).padStart(2, '0')}`;
      log.until(`${date}T10:00Z`, 'succeeds');
      log.until(`${date}T10:41Z`, 'fails');
    }
    expect(log.said).toEqual([]);
  });

  it('come at the tenth failure, not at the ninth', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T09:50Z', 'succeeds');
    log.until('2026-03-02T10:35Z', 'fails');
    log.check();
    expect(log.said).toEqual([]);
    log.until('2026-03-02T10:36Z', 'fails');
    log.check();
    expect(log.said).toEqual(['03-02T10:36 failing 10']);
  });

  it('are repeated after remindAfterMins as long as the streak lasts', () => {
    const log = new PlayedLog({ remindAfterMins: 24 * 60 });
    log.until('2026-03-04T10:00Z', 'succeeds');
    log.until('2026-03-06T18:00Z', 'fails');
    log.until('2026-03-10T00:00Z', 'succeeds');
    expect(log.said.map(text => text.replace(/ \d+$/, ''))).toEqual([
      '03-04T11:00 failing',
      '03-05T11:00 still failing',
      '03-06T11:00 still failing',
      '03-06T18:00 recovered',
    ]);
  });

  it('of recovery stay out when they are not wanted', () => {
    const log = new PlayedLog({ notifyRecovery: false });
    log.until('2026-03-02T12:00Z', 'fails');
    log.until('2026-03-02T14:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T01:00 failing 13']);
  });

  it('come for a burst that began and ended between two checks', () => {
    const log = new PlayedLog({ runEveryMins: 1 });
    log.until('2026-03-02T10:05Z', 'succeeds');
    log.until('2026-03-02T10:17Z', 'fails');
    log.until('2026-03-03T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T10:30 burst 12']);
  });

  it('come for a burst that began before a check which it was too short for', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-02T10:55Z', 'fails');
    log.until('2026-03-03T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T11:00 burst 11']);
  });

  it('come for the new streak alone when the told one ended and another began between two checks', () => {
    const log = new PlayedLog({ runEveryMins: 1 });
    log.until('2026-03-02T10:31Z', 'fails');
    log.until('2026-03-02T10:35Z', 'succeeds');
    log.until('2026-03-02T11:31Z', 'fails');
    expect(log.said).toEqual(['03-02T00:30 failing 31', '03-02T11:00 failing 26']);
  });

  it('are tried again until they get through, and lose no streak', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.isUp = false;
    log.until('2026-03-05T10:00Z', 'fails');
    log.isUp = true;
    log.until('2026-03-05T12:00Z', 'fails');
    expect(log.said.map(text => text.slice(0, 19))).toEqual(['03-05T10:00 failing']);
    log.isUp = false;
    log.until('2026-03-06T00:00Z', 'succeeds');
    log.isUp = true;
    log.until('2026-03-06T02:00Z', 'succeeds');
    expect(log.said.slice(1)).toEqual(['03-06T00:00 recovered']);
  });

  it('come late but come when the notification job was down', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-03T10:00Z', 'fails', { isChecked: false });
    log.until('2026-03-04T10:00Z', 'fails');
    log.until('2026-03-05T10:00Z', 'succeeds', { isChecked: false });
    log.until('2026-03-06T00:00Z', 'succeeds');
    log.until('2026-03-06T02:00Z', 'fails', { isChecked: false });
    log.until('2026-03-06T04:00Z', 'succeeds', { isChecked: false });
    log.until('2026-03-07T00:00Z', 'succeeds');
    expect(log.said.map(text => text.replace(/failing \d+/, 'failing'))).toEqual([
      '03-03T10:00 failing',
      '03-05T10:00 recovered',
      '03-06T04:00 burst 24',
    ]);
  });

  it('do not come again when the rows of the streak were pruned', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-03T00:00Z', 'fails');
    log.runs = log.runs.slice(-5);
    log.until('2026-03-04T00:00Z', 'fails');
    log.runs = log.runs.slice(-1);
    log.until('2026-03-05T00:00Z', 'fails');
    log.until('2026-03-06T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T11:00 failing 13', '03-05T00:00 recovered']);
  });

  it('come once more when the memory was pruned', () => {
    const log = new PlayedLog();
    log.until('2026-03-03T00:00Z', 'fails');
    log.told = null;
    log.until('2026-03-04T00:00Z', 'fails');
    expect(log.said).toEqual(['03-02T01:00 failing 13', '03-03T00:00 failing 10']);
  });

  it('count a failure that gets visible only after the check of its time', () => {
    const log = new PlayedLog();
    log.until('2026-03-02T10:00Z', 'fails');
    const late = log.runs.splice(-1);
    log.until('2026-03-02T10:31Z', 'fails');
    log.runs.push(...late);
    log.runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    log.until('2026-03-03T00:00Z', 'fails');
    expect(log.said).toEqual(['03-02T01:00 failing 13']);
  });

  it('come for every single failure with minNumFailures 1', () => {
    const log = new PlayedLog({ minNumFailures: 1, runEveryMins: 60 });
    log.until('2026-03-02T03:00Z', 'succeeds');
    log.until('2026-03-02T03:10Z', 'fails');
    log.until('2026-03-02T05:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T03:00 failing 1', '03-02T04:00 recovered']);
  });
});

describe('over simulated weeks, an overdue job', () => {
  it('is told once when it falls silent, and once when it runs again', () => {
    const log = new PlayedLog({ overdueMarginMins: 60 });
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-05T10:00Z', 'does not run');
    log.until('2026-03-07T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T11:30 overdue', '03-05T10:00 recovered']);
  });

  it('is told again after remindAfterMins', () => {
    const log = new PlayedLog({ overdueMarginMins: 60, remindAfterMins: 24 * 60 });
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-04T12:00Z', 'does not run');
    expect(log.said).toEqual(['03-02T11:30 overdue', '03-03T11:30 still overdue', '03-04T11:30 still overdue']);
  });

  it('that has never run is counted from the first check that saw it', () => {
    const log = new PlayedLog({ overdueMarginMins: 60 });
    log.until('2026-03-03T10:00Z', 'does not run');
    log.until('2026-03-04T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T01:30 overdue', '03-03T10:00 recovered']);
  });

  it('that fails less often than minNumFailures is told as overdue, then as failing, then as recovered once', () => {
    const log = new PlayedLog({ overdueMarginMins: 60, runEveryMins: 60 });
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-03T10:00Z', 'fails');
    log.until('2026-03-04T00:00Z', 'succeeds');
    expect(log.said).toEqual(['03-02T11:30 overdue', '03-02T19:00 failing 10', '03-03T10:00 recovered']);
  });

  it('that is known to be failing is not told as overdue too', () => {
    const log = new PlayedLog({ overdueMarginMins: 120 });
    log.until('2026-03-02T10:00Z', 'succeeds');
    log.until('2026-03-04T10:00Z', 'fails');
    expect(log.said).toEqual(['03-02T11:00 failing 13']);
  });

  it('is none while it runs on time', () => {
    const log = new PlayedLog({ overdueMarginMins: 1, runEveryMins: 30 });
    log.until('2026-03-16T00:00Z', 'succeeds');
    expect(log.said).toEqual([]);
  });
});

describe('a streak that has ended', () => {
  const minute = (number: number) => new Date(Date.parse('2026-03-02T10:00Z') + number * 60_000);
  const streak = { failures: 3, firstStart: minute(-30), lastStart: minute(-10), endedAt: minute(20), runs: [] };
  const decide = (lastEnd: Date, hasAllSuccesses: boolean) => {
    const history = { ...NO_HISTORY, lastSuccessStart: minute(20) };
    const schedule = new Schedule({ runEveryMins: 10 });
    const streaks = [{ ...streak, lastEnd }];
    return decideNotices(
      [{ code: 'a', schedule, history, streaks, hasAllSuccesses, canBeOverdue: true }],
      { at: minute(0).getTime(), jobs: {} },
      { notifyRecovery: true, remindAfterMins: undefined, overdueMarginMins: undefined },
      { now: minute(30), timeZone: 'UTC' },
    ).notices.map(({ kind }) => kind);
  };

  it('is told when its last run was still running at the last check', () => {
    expect(decide(minute(5), true)).toEqual(['burst']);
  });

  it('is not told when it had ended before the last check, which has told it', () => {
    expect(decide(minute(-5), true)).toEqual([]);
  });

  it('is not told when it ended at the instant of the last check, which has told it', () => {
    expect(decide(minute(0), true)).toEqual([]);
    expect(decide(new Date(minute(0).getTime() + 1), true)).toEqual(['burst']);
  });

  it('is not told when the log keeps only the newest success, since it may be two streaks', () => {
    expect(decide(minute(5), false)).toEqual([]);
  });
});
