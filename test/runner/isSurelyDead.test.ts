import { describe, expect, it } from 'vitest';
import { isSurelyDead, type Judge } from '../../src/runner/isSurelyDead.ts';

const SECOND = 1_000;
const NOW = new Date('2026-03-01T12:00:00Z');

describe('a run without a lock is surely dead', () => {
  /** Judged by pid 1 of 'box', up for 10 seconds, beside which only pid 7 lives; a run lasts 60 seconds at most. */
  const judged = ({ host = 'box', pid = 1, ageMillis = SECOND }, judge: Partial<Judge> = {}) =>
    isSurelyDead({ host, pid, startTime: new Date(NOW.getTime() - ageMillis) }, NOW, 60 * SECOND, {
      host: 'box',
      pid: 1,
      uptimeMillis: 10 * SECOND,
      isAlive: other => other === 7 || other === 1,
      ...judge,
    });

  it.each([
    ['its process is gone', { pid: 8 }, true],
    ['its process lives', { pid: 7 }, false],
    ['it is past all its time', { pid: 7, ageMillis: 61 * SECOND }, true],
    ['it is on another machine, whose processes are not ours', { host: 'other', pid: 8 }, false],
    ['it is on another machine and past all its time', { host: 'other', ageMillis: 61 * SECOND }, true],
    ['it is our own', { ageMillis: 9 * SECOND }, false],
    ['it has our pid and began before us', { ageMillis: 11 * SECOND }, true],
    ['it is on another machine, has our pid and began before us', { host: 'other', ageMillis: 11 * SECOND }, false],
    ['another one has its pid and it began before us', { pid: 7, ageMillis: 11 * SECOND }, false],
  ])('%s: %o %s', (_, run, isDead) => {
    expect(judged(run)).toBe(isDead);
  });

  it('but not by our own start where a clock of a test tells the time', () => {
    expect(judged({ ageMillis: 50 * SECOND }, { uptimeMillis: undefined })).toBe(false);
    expect(judged({ ageMillis: 61 * SECOND }, { uptimeMillis: undefined })).toBe(true);
  });
});
