import type { Random } from '../trials/Random.ts';

/** One kind of input. */
export interface Kind {
  readonly name: string;
  /** Makes one input and tries it; gives what is wrong with the answer, or `undefined`. */
  tryOne(random: Random): string | undefined | Promise<string | undefined>;
}

/** How a part of the package answered. */
export type Answer = { readonly isTaken: true } | { readonly isTaken: false; readonly error: unknown };

/** Calls something that may refuse what it is given. */
export async function answerOf(call: () => unknown): Promise<Answer> {
  try {
    await call();
    return { isTaken: true };
  } catch (error) {
    return { isTaken: false, error };
  }
}

/** Stands in for whatever is secret in an input. */
export const SECRET = 's3cr3t-Pa55';

/** The longest message that a person reads to its end. */
const LONGEST = 3_000;

// Written out here: the rule of the package must not be judged by itself.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u;

/** What is wrong with a text that ought to be one line for people; `undefined` when it is fine. */
export function wrongWithLine(text: string): string | undefined {
  if (UNPRINTABLE.test(text)) {
    return 'has control characters';
  }
  if (text.includes(SECRET)) {
    return 'tells a secret';
  }
  if (text.trim() === '' || text.length > LONGEST) {
    return `has ${text.length} characters`;
  }
  const raw =
    /\[object \w+\]|is not a function|is not iterable|Cannot (?:read|convert|set|destructure)|Maximum call|\bNaN:/.exec(
      text,
    );
  return raw ? `says '${raw[0]}'` : undefined;
}
