import { showValue } from './rules.ts';
import { oneLine } from './texts.ts';

/** Which values an option allows, as a test and in words. */
export interface OptionRule {
  readonly allowed: string;
  /** A valid option, as a host writes it. */
  readonly example?: string;
  readonly isAllowed: (value: unknown) => boolean;
  readonly isRequired?: boolean;
  /** Whether the value must not be shown. */
  readonly isSecret?: boolean;
}

/** How the messages of some options read. */
export interface OptionTexts {
  /** What a message about an option begins with, up to its value: 'Schedule: cron'. */
  readonly about: (key: string) => string;
  /** The message about an unknown option: 'Schedule: there is no option x'. */
  readonly unknown: (key: string) => string;
  readonly error: (message: string) => Error;
}

/**
 * Reads every known option once, then checks what was read, so that a getter cannot give one value to the check and
 * another one later. Options may also come from a prototype or as getters of a class.
 *
 * @returns the options that are given, as a plain object
 * @throws what `error` makes, naming the option, its value and what is allowed.
 */
export function readOptions<Options extends object>(
  given: object,
  rules: Readonly<Record<keyof Options & string, OptionRule>>,
  texts: OptionTexts,
): Options {
  refuseUnknown(given, Object.keys(rules), texts);
  const options: Partial<Record<string, unknown>> = {};
  for (const [key, rule] of Object.entries<OptionRule>(rules)) {
    const value = reading(key, texts, () => (given as Record<string, unknown>)[key]);
    if (value === undefined ? rule.isRequired : !reading(key, texts, () => rule.isAllowed(value))) {
      const shown = value === undefined ? 'it is missing' : `${rule.isSecret ? 'it' : showValue(value)} is not allowed`;
      const example = rule.example === undefined ? '' : `, as in ${rule.example}`;
      throw texts.error(`${texts.about(key)} ${shown}; it must be ${rule.allowed}${example}`);
    }
    if (value !== undefined) {
      options[key] = value;
    }
  }
  return options as Options;
}

/**
 * Reads the options of a function of ours, which may be left out.
 *
 * @param name of the function, with which each message begins: 'redisCache()'
 * @throws what `error` makes, naming the function, the option, its value and what is allowed.
 */
export function readFunctionOptions<Options extends object>(
  name: string,
  given: unknown,
  rules: Readonly<Record<keyof Options & string, OptionRule>>,
  error: (message: string) => Error,
): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw error(`${name}: ${showValue(given)} is not an object of options; there are ${Object.keys(rules).join(', ')}`);
  }
  return readOptions<Options>(given, rules, {
    about: key => `${name}: ${key}`,
    unknown: key => `${name}: there is no option ${key}`,
    error,
  });
}

/**
 * Refuses unknown options, also those named like a member of every object.
 *
 * @throws what `error` makes, naming the option and those there are.
 */
export function refuseUnknown(given: object, known: readonly string[], { unknown, error }: OptionTexts): void {
  const stranger = namesOf(given, error).find(key => !known.includes(key));
  if (stranger !== undefined) {
    const meant = known.find(key => key.toLowerCase() === stranger.toLowerCase());
    const wayOut = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
    throw error(`${unknown(oneLine(stranger, 80))}; ${wayOut}`);
  }
}

function namesOf(given: object, error: (message: string) => Error): string[] {
  try {
    return membersOf(given);
  } catch (thrown) {
    throw error(`an object of options cannot be read: ${reasonOf(thrown)}`);
  }
}

/**
 * The names of an object's values, wherever they stand: its own, those of its prototypes that a loop finds, and getters
 * of its class. Methods of a class are none.
 */
export function membersOf(given: object): string[] {
  const names = new Set<string>();
  for (let from: object | null = given; from !== null && !isRoot(from); from = Object.getPrototypeOf(from) as object) {
    for (const [name, { enumerable, get }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      if (enumerable || get) {
        names.add(name);
      }
    }
  }
  return [...names];
}

/** Whether an object is `Object.prototype`, of whatever realm. */
function isRoot(object: object): boolean {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, 'hasOwnProperty');
}

/** Whether a value is a list without holes whose items all pass: `every()` passes over holes. */
export function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && Array.from<unknown>(value).every(item => isItem(item));
}

/** Reads a host's object or asks a rule about it: getters and proxies can throw anything. */
function reading<Value>(key: string, { about, error }: OptionTexts, read: () => Value): Value {
  try {
    return read();
  } catch (thrown) {
    throw error(`${about(key)} cannot be read: ${reasonOf(thrown)}`);
  }
}

function reasonOf(thrown: unknown): string {
  return oneLine(thrown instanceof Error ? String(thrown.message) : typeof thrown);
}
