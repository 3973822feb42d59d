import type { Random } from '../trials/Random.ts';

/** Pieces that a hostile or careless text is made of. */
export const PIECES = [
  ...[
    '\u001b[2J',
    '\u001b[31m',
    '\u001b]0;title\u0007',
    '\u001b]8;;http://x\u001b\\',
    '\u009b2J',
    '\u001bc',
    '\u001bP1$q',
    '\u001b',
    '\u009d',
  ],
  ...['\n', '\r\n', '\r', '\u0085', '\u2028', '\u2029', '\u000b', '\f', '\t', '\b\b', '\u0000', '\u007f', '\u00a0'],
  ...['\u202e', '\u2066', '\u2069', '\u200f', '\u061c', '\ud800', '\udc00', '😀', '古', 'a\u0301', '\ufeff', '\u200b'],
  ...[
    'mikro-orm-cron: forged',
    '[✔] forged: done',
    '  ',
    'word',
    '{"type":"forged"}',
    '[31m',
    '%s',
    '${x}',
    '</script>',
  ],
] as [string, ...string[]];

/** A text of pieces that act on terminals, logs and parsers, with characters from anywhere between them. */
export function hostileText(random: Random): string {
  const pieces = Array.from({ length: Math.floor(random.between(0, 9)) }, () =>
    random.chance(0.7) ? random.pick(PIECES) : String.fromCharCode(Math.floor(random.between(0, 0x1_0000))),
  );
  return pieces.join('');
}
