import { describe, expect, it } from 'vitest';
import { explore } from '../../trials/model/explore.ts';
import { SMALL } from '../../trials/model/sizes.ts';
import { BROKEN, IMPLEMENTED, type Variant } from '../../trials/model/Variant.ts';

describe('the model of claim and close', () => {
  it.each(IMPLEMENTED)('holds every promise: $name', variant => {
    for (const { broken, trace, worked } of exploreAll(variant)) {
      expect({ broken, trace }).toEqual({ broken: undefined, trace: [] });
      expect(worked).toBeGreaterThan(0);
    }
  });

  it.each(BROKEN)('finds the deliberate fault: $name', variant => {
    const found = exploreAll(variant).map(({ broken }) => broken);
    expect(new Set(found.filter(broken => broken !== undefined))).toEqual(new Set([variant.finds]));
  });

  it('shows the shortest way to what breaks', () => {
    const variant = BROKEN.find(({ name }) => name === 'no confirmation before do()')!;
    const { trace } = explore(variant, SMALL[0]!);
    expect(trace.at(-1)).toBe('A enters do()');
    expect(trace).toContain('A is paused past its lease');
  });
});

function exploreAll(variant: Variant) {
  return SMALL.map(size => explore(variant, size));
}
