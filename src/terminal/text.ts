import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * What a text from elsewhere must not bring along: control characters, which move the cursor, recolour the screen or
 * break the line; marks that turn the direction of what follows; separators that some programs take for line breaks; and
 * halves of a surrogate pair.
 */
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** The same, all of them, with the surrogates that have lost their other half. */
const CONTROLS = new RegExp(`${CONTROL.source}|\\p{Cs}`, 'gu');

/**
 * A text from elsewhere (a row, an error, a host) as a terminal, a log or a mail may have it: without control
 * characters and their like. Line breaks and tabs stay.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, found => (found === '\n' || found === '\t' ? found : ''));
}

/** What some program takes for the end of a line. */
const BREAK = /[\n\u0085\u2028\u2029]/;

/** The same on one line: a line break with the blanks about it, and a tab, is a blank. */
export function oneLine(text: string): string {
  if (!CONTROL.test(text) && text.isWellFormed()) {
    return text;
  }
  const lines = text.split(BREAK);
  const joined = lines.map((line, index) => {
    const begun = index === 0 ? line : line.trimStart();
    return index === lines.length - 1 ? begun : begun.trimEnd();
  });
  return harmless(joined.join(' ')).replaceAll('\t', ' ');
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

/**
 * A value as JSON that no terminal acts on and no program breaks into lines: `JSON.stringify()` escapes only some of the
 * characters that {@link harmless} takes out.
 *
 * @param indent blanks a level, for people
 */
export function harmlessJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(CONTROLS, found =>
    found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Cuts a text without colours to so many columns, with an ellipsis where something was cut away. */
export function fitText(text: string, width: number): string {
  if (stringWidth(text) <= width) {
    return text;
  }
  let fitted = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const columns = stringWidth(segment);
    if (used + columns > width - 1) {
      break;
    }
    fitted += segment;
    used += columns;
  }
  return width > 0 ? `${fitted}…` : '';
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
    if (longer !== undefined && stringWidth(longer) <= width) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
