import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesName } from '../../src/job/matchesName.ts';

describe('a pattern', () => {
  it('matches as a regular expression would', () => {
    const letters = fc.constantFrom('a', 'b', '.', '😀', '\n', '*', '?');
    const text = fc.array(letters, { maxLength: 8 }).map(all => all.join(''));
    fc.assert(
      fc.property(text, text, (subject, pattern) => {
        const source = pattern
          .replaceAll(/[.\n]/g, found => (found === '.' ? '\\.' : '\\n'))
          .replaceAll('*', '.*')
          .replaceAll('?', '.');
        const expected = /[*?]/.test(pattern) ? new RegExp(`^${source}$`, 'su').test(subject) : subject === pattern;
        expect(matchesName(subject, pattern)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for many stars', () => {
    const stars = `${'*a'.repeat(30)}*b`;
    expect(matchesName('a'.repeat(10_000), stars)).toBe(false);
    expect(matchesName(`${'a'.repeat(10_000)}b`, stars)).toBe(true);
  });
});
