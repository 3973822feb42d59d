import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

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

/** How many columns of a terminal a line takes: wide and combining characters and colours reckoned in. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** Breaks a text without colours at its blanks into lines of so many columns; a longer word is cut. */
export function wrapText(text: string, width: number): string[] {
  return wrapWords(text, width).map(line => fitText(line, width));
}

/** Breaks a text without colours at its blanks into lines of so many columns; a longer word keeps a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? undefined : `${lines.at(-1)} ${word}`;
    if (longer !== undefined && displayWidth(longer) <= width) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
