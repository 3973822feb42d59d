import type { Argv } from 'yargs';

/**
 * Adds examples to a command's `--help`, each on lines of its own: yargs would set command and meaning side by side and
 * break both, so that nothing could be copied.
 *
 * @param examples the words after the program's name, and what they do
 */
export function withExamples<T>(yargs: Argv<T>, examples: Readonly<Record<string, string>>): Argv<T> {
  const lines = Object.entries(examples).map(([words, meaning]) => `  $0 ${words}\n      ${meaning}`);
  return yargs.epilogue(`Examples:\n${lines.join('\n')}`);
}
