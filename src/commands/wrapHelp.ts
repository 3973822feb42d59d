import stringWidth from 'string-width';
import { wrapWords } from '../terminal/text.ts';

/** The widest that `--help` gets: longer lines are hard to read. */
const WIDEST = 100;

/** The narrowest: below it the terminal breaks the lines itself. */
const NARROWEST = 40;

/** How deep a description stands that has no room beside its name. */
const BELOW = 10;

/**
 * Breaks the unwrapped `--help` of yargs at blanks. yargs 17 cannot do it itself: as an ES module it breaks lines in the
 * middle of words, and its CommonJS door does not open on Node 26 (17.7.2, which MikroORM's command line pins).
 *
 * @param help what yargs makes of a command line with `wrap(null)`
 * @param columns of the terminal; 80 for what is none
 */
export function wrapHelp(help: string, columns: number | undefined): string {
  const width = Math.max(NARROWEST, Math.min(WIDEST, columns || 80));
  return help
    .split('\n')
    .flatMap(line => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  // Type, choices and default of an option, which stand at the right edge.
  const [, described, traits] = /^(.*?) {2}(\[.*\])$/.exec(line) ?? [];
  const lines = wrapColumns((described ?? line).trimEnd(), width);
  return traits === undefined ? lines : alignTraits(lines, traits, width);
}

/** A name with its description in a column beside it, or a line of text under its own indentation. */
function wrapColumns(line: string, width: number): string[] {
  const [, name, gap] = /^( {2,}\S.*?)( {2,})(?=\S)/.exec(line) ?? [];
  if (name === undefined || gap === undefined) {
    const indentation = /^ */.exec(line)![0];
    return wrapWords(line.trimStart(), width - indentation.length).map(text => indentation + text);
  }
  const left = stringWidth(name + gap);
  const isBelow = left > width / 2;
  const indent = isBelow ? BELOW : left;
  const texts = wrapWords(line.slice(name.length + gap.length), width - indent).map(text => ' '.repeat(indent) + text);
  return isBelow ? [...wrapColumns(name, width), ...texts] : [name + gap + texts[0]!.trimStart(), ...texts.slice(1)];
}

function alignTraits(lines: readonly string[], traits: string, width: number): string[] {
  const last = lines.at(-1)!;
  const free = width - stringWidth(traits);
  if (stringWidth(last) < free) {
    return [...lines.slice(0, -1), last + traits.padStart(traits.length + free - stringWidth(last))];
  }
  return [...lines, ...wrapWords(traits, width - 2).map(text => ' '.repeat(width - stringWidth(text)) + text)];
}
