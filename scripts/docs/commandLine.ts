/** A command of a line of shell: its words, without redirections. */
export type Command = readonly string[];

/** Splits shell text into commands; knows quotes, comments, continued lines and `&&`, `||`, `;`, `|`, not more. */
export function splitShell(text: string): { readonly line: number; readonly command: Command }[] {
  const found: { line: number; command: string[] }[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const start = index;
    let whole = lines[index]!;
    while (whole.endsWith('\\') && index + 1 < lines.length) {
      whole = whole.slice(0, -1) + lines[++index]!;
    }
    let command: string[] = [];
    for (const word of words(whole)) {
      if (/^([;|]|\|\||&&)$/.test(word)) {
        found.push({ line: start, command });
        command = [];
      } else {
        command.push(word);
      }
    }
    found.push({ line: start, command });
  }
  return found.filter(({ command }) => command.length > 0);
}

function words(line: string): string[] {
  const found: string[] = [];
  for (const [token] of line.matchAll(/#.*$|&&|\|\||[;|()]|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;|&()'"\\])+/g)) {
    if (token.startsWith('#')) {
      break;
    }
    if (token !== '(' && token !== ')') {
      found.push(token.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, '$1$2$3'));
    }
  }
  return found;
}
