import { describe, expect, it } from 'vitest';
import { wrapText } from '../../src/terminal/text.ts';

describe('wrapText', () => {
  it.each([
    ['in 45 minutes (2026-11-23 16:00)', 20, ['in 45 minutes', '(2026-11-23 16:00)']],
    ['short', 20, ['short']],
    ['a.very.long.code.indeed x', 10, ['a.very.lo…', 'x']],
    ['実行 済み です', 9, ['実行 済み', 'です']],
    ['', 5, ['']],
  ])('%j in %i columns', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });
});
