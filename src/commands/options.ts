import type { Argv } from 'yargs';

/** The option `--tag` of all commands that take several jobs. */
export const tagOption = {
  type: 'string',
  array: true,
  // One word a time: a job's name that follows is not meant for a tag.
  nargs: 1,
  desc: 'Only jobs with this tag, or one of these when given more than once',
} as const;

/** The option `--arg` of commands that ask for a run: `name=value`, as often as there are arguments. */
export const argOption = {
  type: 'string',
  array: true,
  nargs: 1,
  desc: 'Argument of the run, as name=value; the job checks it by its schema',
} as const;

/** MikroORM's own options, which every command takes. */
export interface HostArguments {
  config?: string[] | undefined;
  contextName?: string | undefined;
}

/** Adds MikroORM's own options to a command line. */
export function withHostArguments<T>(yargs: Argv<T>): Argv<T & HostArguments> {
  return yargs
    .option('config', {
      type: 'string',
      array: true,
      // One path a time: a job's name that follows is not meant for it.
      nargs: 1,
      desc: 'Set path to the ORM configuration file',
    })
    .option('contextName', {
      ...textOption('contextName', 'Set name of config to load out of the ORM configuration file'),
      alias: 'context',
    });
}

/**
 * An option that is given or not. It takes no value: yargs would take `--dry-run=yes` for `false`, and jobs would run. Nor
 * has it a default: what is `false` was given with a value.
 */
export function flagOption(
  name: string,
  desc: string,
): { type: 'boolean'; nargs: 0; desc: string; coerce: (given: unknown) => boolean } {
  return {
    type: 'boolean',
    nargs: 0,
    desc,
    coerce: given => {
      if (given === false) {
        throw new Error(`--${name} takes no value`);
      }
      return true;
    },
  };
}

/** Which numbers an option allows. */
export interface NumberRule {
  readonly desc: string;
  /** In words, as in 'a whole number from 1'. */
  readonly allowed: string;
  readonly isAllowed: (value: number) => boolean;
}

/** A rule for a number of things. */
export function count(desc: string): NumberRule {
  return { desc, allowed: 'a whole number from 1', isAllowed: value => Number.isSafeInteger(value) && value >= 1 };
}

/** Decimal digits, as people write them: no blanks, signs, exponents or other bases. */
const NUMBER = /^-?\d+(\.\d+)?$/;

/** The number that a word stands for; `NaN` when it is none as {@link NUMBER} has them. */
export function parseNumber(word: unknown): number {
  return typeof word === 'number' ? word : typeof word === 'string' && NUMBER.test(word) ? Number(word) : NaN;
}

/** An option that takes one number; what is none, or not allowed, is refused as it was typed. */
export function numberOption(
  name: string,
  { desc, allowed, isAllowed }: NumberRule,
): { requiresArg: true; desc: string; coerce: (given: unknown) => number } {
  return {
    requiresArg: true,
    desc,
    coerce: given => {
      const value = parseNumber(given);
      if (!isAllowed(value)) {
        throw new Error(`--${name}: '${String(given)}' is not allowed; it must be ${allowed}`);
      }
      return value;
    },
  };
}

/** An option that takes one text. */
export function textOption(
  name: string,
  desc: string,
): { type: 'string'; requiresArg: true; desc: string; coerce: (given: unknown) => string } {
  return { type: 'string', requiresArg: true, desc, coerce: given => oneOf(name, given) };
}

/** The one text that an option was given; given more than once, it would be several that no command means. */
export function oneOf(name: string, given: unknown): string {
  if (Array.isArray(given)) {
    throw new Error(`--${name}: '${given.join("', '")}' are too many values; give the option once`);
  }
  return String(given);
}

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

/** Arguments of every command that runs jobs. */
export interface RunArguments extends HostArguments {
  jobs: string[] | undefined;
  tag: string[] | undefined;
  silent: boolean | undefined;
  json: boolean | undefined;
  concurrency: number | undefined;
}

/** Adds the options of all commands that run jobs. */
export function withRunOptions(yargs: Argv<HostArguments>): Argv<RunArguments> {
  return yargs
    .positional('jobs', {
      type: 'string',
      array: true,
      desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
    })
    .option('tag', tagOption)
    .option('concurrency', numberOption('concurrency', count('How many jobs run at once')))
    .option('silent', flagOption('silent', 'Print only errors and warnings'))
    .option('json', flagOption('json', 'Print events as JSON, one object per line'))
    .check(({ silent, json }) => {
      if (silent && json) {
        throw new Error('--silent and --json are mutually exclusive; leave one of them out');
      }
      return true;
    });
}
