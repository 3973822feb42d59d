/** Whether a name given for jobs is a pattern: `billing.*`, `report_?`. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/**
 * Whether a text matches a name or pattern whole: `*` stands for any characters, `?` for one. Only the last `*` is ever
 * tried again, so the time is at most that of comparing each character with the whole pattern, however many there are.
 */
export function matchesName(text: string, name: string): boolean {
  if (!isPattern(name)) {
    return text === name;
  }
  const [characters, pattern] = [[...text], [...name]];
  let [at, next] = [0, 0];
  /** Behind the last `*`, and where in the text what follows it was looked for. */
  let star: { readonly next: number; at: number } | undefined;
  while (at < characters.length) {
    if (pattern[next] === '*') {
      next += 1;
      star = { next, at };
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === characters[at])) {
      at += 1;
      next += 1;
    } else if (star) {
      star.at += 1;
      at = star.at;
      next = star.next;
    } else {
      return false;
    }
  }
  return pattern.slice(next).every(character => character === '*');
}
