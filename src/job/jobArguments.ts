import { CronJobError } from '../errors.ts';
import { DEFAULT_LIMIT_SECONDS, within } from '../util/limits.ts';
import { showValue } from '../util/rules.ts';
import { oneLine } from '../util/texts.ts';
import { messageOf } from '../util/thrown.ts';

/** The answer of a schema: the value it has made, or the issues it has found. */
export type ArgumentsResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ArgumentsIssue[] };

/** One thing that is wrong with a value. */
export interface ArgumentsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * A schema of arguments, as zod (from 3.24), valibot (from 1.0), arktype and others make them: the part of the Standard
 * Schema specification that is used here.
 *
 * @see https://standardschema.dev
 */
export interface ArgumentsSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Gives what the schema makes of a value, or its issues. */
    readonly validate: (value: unknown) => ArgumentsResult<Output> | Promise<ArgumentsResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** Arguments as they were given: plain JSON, so that rows and other processes keep them as they are. */
export type GivenArguments = Readonly<Record<string, unknown>>;

/** Arguments that the job's schema has accepted. */
export interface JobArguments {
  readonly given: GivenArguments;
  /** The result of the schema: `context.args`. */
  readonly value: unknown;
}

/** Characters of arguments as JSON: they are kept in a row and shown in a line. */
const MOST_CHARACTERS = 10_000;

/** A job as far as its arguments are concerned. */
interface ArgumentTaker {
  readonly code: string;
  readonly args?: ArgumentsSchema;
}

/** Whether a value is a schema of arguments; that of arktype is a function. */
export function isArgumentsSchema(value: unknown): value is ArgumentsSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value)) {
    return false;
  }
  const standard = value['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'version' in standard &&
    standard.version === 1 &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}

/**
 * Arguments of a command line, each a word such as `from=2026-01-01`. All values are text: the schema converts them.
 *
 * @throws CronJobError when a word is not name=value, or a name comes twice.
 */
export function parseArguments(words: readonly string[]): GivenArguments {
  const given = new Map<string, string>();
  for (const word of words) {
    const [, name, value] = /^([\p{L}_][\p{L}\p{N}_.-]*)=(.*)$/su.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      throw new CronJobError(
        `--arg ${showValue(word)} is not allowed; it must be name=value, as in --arg from=2026-01-01`,
      );
    }
    if (given.has(name)) {
      throw new CronJobError(
        `--arg '${name}' is given twice; give it once, several values in one as in ${name}=1,2 where the job's schema splits them`,
      );
    }
    given.set(name, value);
  }
  return Object.fromEntries(given);
}

/**
 * Arguments as plain JSON.
 *
 * @param about what the message begins with, such as 'CronRunner.run(): args'
 * @throws CronJobError when they are not an object, are not JSON, or are too long.
 */
export function plainArguments(given: unknown, about: string): GivenArguments {
  const rule = 'it must be an object that JSON can hold, as in { from: "2026-01-01" }';
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new CronJobError(`${about} ${showValue(given)} is not allowed; ${rule}`);
  }
  let text: string;
  try {
    text = JSON.stringify(given);
  } catch (cause) {
    throw new CronJobError(`${about} cannot be written as JSON: ${oneLine(messageOf(cause))}; ${rule}`, { cause });
  }
  if (text.length > MOST_CHARACTERS) {
    throw new CronJobError(
      `${about} has ${text.length} characters as JSON; at most ${MOST_CHARACTERS} are allowed: give the name of a file or row instead`,
    );
  }
  const plain: unknown = JSON.parse(text);
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new CronJobError(`${about} ${showValue(given)} is not allowed; ${rule}`);
  }
  return plain as GivenArguments;
}

/**
 * Checks the arguments of one forced run by the job's schema.
 *
 * @throws CronJobError in one line when the job has no schema, or the schema refuses them.
 */
export async function checkArguments(job: ArgumentTaker, given: GivenArguments): Promise<JobArguments> {
  const options = { jobCode: job.code };
  if (job.args === undefined) {
    throw new CronJobError(
      `Job ${job.code} takes no arguments; leave them out, or give the job a schema such as args = z.object({ from: z.iso.date() })`,
      options,
    );
  }
  const { validate } = job.args['~standard'];
  let result: ArgumentsResult<unknown>;
  try {
    result = await within(
      { seconds: DEFAULT_LIMIT_SECONDS },
      // A schema may throw at once, or reject.
      (async () => validate(given))(),
      () => new CronJobError(`no answer within ${DEFAULT_LIMIT_SECONDS} s`),
    );
  } catch (cause) {
    const text = `Job ${job.code}: its schema of arguments fails: ${oneLine(messageOf(cause))}`;
    throw new CronJobError(text, { cause, ...options });
  }
  if (result.issues) {
    const issues = result.issues.slice(0, 5).map(showIssue);
    const more = result.issues.length > issues.length ? `; and ${result.issues.length - issues.length} more` : '';
    throw new CronJobError(`Job ${job.code} refuses its arguments: ${issues.join('; ')}${more}`, options);
  }
  return { given, value: result.value };
}

/** `from: Invalid ISO date`, or the message alone where it is about the whole. */
function showIssue({ message, path = [] }: ArgumentsIssue): string {
  const keys = path.map(segment => String(typeof segment === 'object' ? segment.key : segment));
  const text = oneLine(message);
  return keys.length === 0 ? text : `${oneLine(keys.join('.'), 80)}: ${text}`;
}

/**
 * Checks the arguments of a forced tick, which are for the one job that it is of.
 *
 * @throws CronJobError when they are not allowed, when the tick is of several jobs or not forced, or when the job's
 * schema refuses them.
 */
export async function argumentsOf(
  jobs: readonly ArgumentTaker[],
  { args, force }: { readonly args?: unknown; readonly force?: boolean },
): Promise<JobArguments | undefined> {
  if (args === undefined) {
    return undefined;
  }
  const given = plainArguments(args, 'CronRunner.run(): args');
  if (!force) {
    throw new CronJobError(
      'CronRunner.run(): args needs force: only a forced run has arguments; add force (--force), or leave args (--arg) out',
    );
  }
  const [job, ...others] = jobs;
  if (job === undefined || others.length > 0) {
    throw new CronJobError(
      `CronRunner.run(): args is for one job, but ${jobs.length} are selected; name the one by its code, or leave args (--arg) out`,
    );
  }
  return checkArguments(job, given);
}

/**
 * What the arguments in a run's row are to `do()`; `undefined` when it has none. Whoever runs the job checks them, since a
 * request may have waited, and what a schema makes of them need not cross to another process.
 *
 * @throws CronJobError when the job's schema refuses them.
 */
export async function argumentsOfRun(
  job: ArgumentTaker,
  { arguments: text }: { readonly arguments: string | null },
): Promise<unknown> {
  return text === null
    ? undefined
    : (await checkArguments(job, plainArguments(JSON.parse(text), 'the row’s arguments'))).value;
}
