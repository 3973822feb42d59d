/** The option `--tag` of all commands that take several jobs. */
export const tagOption = {
  type: 'string',
  array: true,
  // One word a time: a job's name that follows is not meant for a tag.
  nargs: 1,
  desc: 'Only jobs with this tag, or one of these when given more than once',
} as const;
