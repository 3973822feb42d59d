/** What a number on the command line may be. */
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

/** An option that takes one number; what is none, or not allowed, is refused as it was typed. */
export function numberOption(
  name: string,
  { desc, allowed, isAllowed }: NumberRule,
): { requiresArg: true; desc: string; coerce: (given: unknown) => number } {
  return {
    requiresArg: true,
    desc,
    coerce: given => {
      const value = given === '' || Array.isArray(given) ? NaN : Number(given);
      if (!isAllowed(value)) {
        throw new Error(`--${name}: '${String(given)}' is not allowed; it must be ${allowed}`);
      }
      return value;
    },
  };
}
