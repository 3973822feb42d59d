/** Whether a name given for jobs is a pattern: `billing.*`, `report_?`. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a text matches a name or pattern whole: `*` stands for any characters, `?` for one. */
export function matchesName(text: string, name: string): boolean {
  if (!isPattern(name)) {
    return text === name;
  }
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(text);
}
