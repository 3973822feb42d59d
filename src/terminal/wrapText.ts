import { displayWidth } from './displayWidth.ts';
import { fitText } from './fitText.ts';

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
