/**
 * An option that is given or not. It takes no value: yargs would take `--dry-run=yes` for `false`, and jobs would run. One
 * that conflicts with others is given without the default, since that would count as given.
 */
export function flagOption(desc: string): { type: 'boolean'; default: false; nargs: 0; desc: string } {
  return { type: 'boolean', default: false, nargs: 0, desc };
}
