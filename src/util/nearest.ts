/** How many words are suggested at most. */
const MOST = 3;

/** The words that somebody may have meant by a mistyped one, nearest first: those that a few changes of a letter make of it. */
export function nearest(word: string, words: readonly string[]): string[] {
  const allowed = Math.min(3, Math.floor(word.length / 3));
  return [...new Set(words)]
    .filter(other => Math.abs(other.length - word.length) <= allowed)
    .map(other => ({ other, changes: changesBetween(word.toLowerCase(), other.toLowerCase()) }))
    .filter(({ changes }) => changes <= allowed)
    .sort((one, two) => one.changes - two.changes)
    .slice(0, MOST)
    .map(({ other }) => other);
}

/** How many letters must be put in, left out or replaced (Levenshtein's distance). */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = row[column - 1]! + (other[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
