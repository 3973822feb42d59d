import type { DetailedNotice } from '../../src/index.ts';

export const NOW = new Date('2026-03-29T10:00:00Z');

/** A notice of a failing job, with what a test changes. */
export function noticeOf(changes: Partial<DetailedNotice>): DetailedNotice {
  return {
    code: 'billing.sync',
    kind: 'failing',
    isReminder: false,
    since: new Date('2026-03-29T00:30:00Z'),
    lastSuccess: new Date('2026-03-29T00:00:00Z'),
    expectedAt: null,
    failures: 10,
    runs: [
      {
        startTime: new Date('2026-03-29T09:55:00Z'),
        status: 'timed_out',
        durationMillis: 61_000,
        host: 'web-1',
        message: 'Error: no connection',
      },
    ],
    schedule: 'every 5 minutes',
    nextRun: new Date('2026-03-29T10:05:00Z'),
    ...changes,
  };
}
