import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from './displayWidth.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cuts a text without colours to so many columns, with an ellipsis where something was cut away. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) {
    return text;
  }
  let fitted = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const columns = displayWidth(segment);
    if (used + columns > width - 1) {
      break;
    }
    fitted += segment;
    used += columns;
  }
  return width > 0 ? `${fitted}…` : '';
}

/**
 * A text of a database, as a terminal may have it: control characters, which could move the cursor, recolour the screen
 * or forge lines, are taken out; line breaks and tabs stay.
 */
export function harmless(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return stripVTControlCharacters(text).replace(/(?![\n\t])\p{Cc}/gu, '');
}

/** The first line of a text that says something, harmless, on one line. */
export function firstLine(text: string): string {
  return (
    harmless(text)
      .split('\n')
      .find(line => line.trim() !== '')
      ?.replaceAll('\t', ' ')
      .trim() ?? ''
  );
}
