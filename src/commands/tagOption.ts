/** The option `--tag` of all commands that take several jobs. */
export const tagOption = {
  type: 'string',
  array: true,
  requiresArg: true,
  desc: 'Only jobs with one of these tags',
} as const;
