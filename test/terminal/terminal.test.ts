import { describe, expect, it } from 'vitest';
import { localTimeText } from '../../src/schedule/LocalTime.ts';
import { firstLine, fitText, harmless } from '../../src/terminal/text.ts';
import { humanDuration, relativeTime } from '../../src/util/durations.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

describe('words for a terminal', () => {
  it.each([
    [0, 'less than a second'],
    [499, 'less than a second'],
    [SECOND, '1 second'],
    [59.7 * SECOND, '1 minute'],
    [90 * SECOND, '1 minute, 30 seconds'],
    [HOUR - 1, '1 hour'],
    [26 * HOUR, '1 day, 2 hours'],
    [DAY - SECOND, '1 day'],
    [3 * DAY + 59 * MINUTE, '3 days, 1 hour'],
  ])('say %d ms as %s', (millis, words) => {
    expect(humanDuration(millis)).toBe(words);
  });

  it('say when something was or will be', () => {
    const now = new Date('2026-03-01T10:00:00Z');
    expect(relativeTime(new Date('2026-03-01T10:05:00Z'), now)).toBe('in 5 minutes');
    expect(relativeTime(new Date('2026-02-28T08:00:00Z'), now)).toBe('1 day, 2 hours ago');
    expect(relativeTime(new Date('2026-03-01T09:56:50Z'), now)).toBe('3 minutes ago');
    expect(relativeTime(now, now)).toBe('now');
  });

  it('give the wall clock of a zone', () => {
    const summer = new Date('2026-07-01T22:30:05Z');
    expect(localTimeText(summer, 'Europe/Prague')).toBe('2026-07-02 00:30:05');
    expect(localTimeText(summer, 'America/New_York', { withSeconds: false })).toBe('2026-07-01 18:30');
  });

  it('are cut to columns, not to characters', () => {
    expect(fitText('job', 3)).toBe('job');
    expect(fitText('jobs', 3)).toBe('jo…');
    expect(fitText('古古古', 4)).toBe('古…');
    expect(fitText('👩‍👩‍👧 x', 2)).toBe('…');
  });

  it('lose what would move the cursor or recolour the screen', () => {
    expect(harmless('a\u001b[31mb\u001b[2J\u0007\rc\n\td\u009b31m')).toBe('abc\n\td');
    expect(firstLine('\n  \u001b]0;title\u0007Error:\tfull \n at x')).toBe('Error: full');
  });
});
