/** An option that takes one text; given more than once, it would be several that no command means. */
export function textOption(desc: string): {
  type: 'string';
  requiresArg: true;
  desc: string;
  coerce: (given: unknown) => string;
} {
  return {
    type: 'string',
    requiresArg: true,
    desc,
    coerce: given => {
      if (Array.isArray(given)) {
        throw new Error(`'${given.join("', '")}' are too many; the option may be given once`);
      }
      return String(given);
    },
  };
}
