import type { Argv } from 'yargs';

/**
 * How yargs reads our command lines. By itself it takes several spellings of an option for one and then hands them over
 * under names of its own, so that `--DRY-RUN` would be neither refused nor a dry run; and it takes `0x10`, ` 5 ` and
 * `1e3` for numbers that nobody can be shown as they were typed.
 */
export const PARSER_CONFIGURATION = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;

/**
 * Names that are no options, but that yargs would let anybody set: those that it keeps for itself, and those of positional
 * arguments, of which a bare `--jobs` would leave none and `--jobs=other` replace what was named.
 */
const RESERVED = ['_', '$0', '--', 'jobs', 'job', 'id'];

/** What looks like the hyphens before an option, but makes a word the name of a job. */
const HYPHEN_LIKE = /^[\p{Pd}\u2212\u02d7\u2043](?<!-)/u;

/**
 * @param reserved names that no option may have
 * @throws Error when the words of a command line set what is no option. What yargs hands to a command does not show it.
 */
export function checkReserved(words: readonly string[], reserved: readonly string[] = RESERVED): void {
  const end = words.indexOf('--');
  for (const word of words.slice(0, end < 0 ? undefined : end)) {
    const name = /^--?([^=]+)/.exec(word)?.[1];
    if (name !== undefined && reserved.includes(name)) {
      throw new Error(`Unknown argument: ${name}`);
    }
  }
}

/**
 * Makes a command refuse what it does not know, wherever it is hung up: a word that means nothing must not leave a
 * command doing more than it was asked for.
 *
 * @param command its name and positional arguments, as yargs is told
 */
export function withStrictArguments<T>(yargs: Argv<T>, command: string): Argv<T> {
  const [name, ...positionals] = command.split(' ').map(word => word.replace(/^[[<]|(\.\.)?[\]>]$/g, ''));
  return yargs
    .parserConfiguration(PARSER_CONFIGURATION)
    .strict()
    .check(args => {
      // yargs leaves words after `--` lying: without the jobs that somebody named, all would run.
      const { _: words } = args;
      if (words.at(-1) !== name) {
        throw new Error(`'${words.at(-1)}' after -- is not supported; leave -- out`);
      }
      checkHelp(args);
      // What a host's own program was called with: its other options are no business of ours.
      const at = process.argv.indexOf(name!, 2);
      checkReserved(at < 0 ? [] : process.argv.slice(at + 1), ['_', '$0', '--', ...positionals]);
      checkHyphens(positionals.flatMap(positional => args[positional] ?? []));
      return true;
    });
}

/** yargs would read `--help=false` as a command that is to be done. */
function checkHelp(args: Record<string, unknown>): void {
  const denied = ['help', 'version'].find(name => args[name] === false);
  if (denied !== undefined) {
    throw new Error(`--${denied} takes no value`);
  }
}

function checkHyphens(words: readonly unknown[]): void {
  const word = words.find(given => typeof given === 'string' && HYPHEN_LIKE.test(given));
  if (word !== undefined) {
    throw new Error(`'${String(word)}' begins with a character that only looks like a hyphen; type -- for an option`);
  }
}
