/** What `FORCE_COLOR` may be to ask for colours: MikroORM's words, and the levels that Node knows. */
const FORCED = ['true', 't', '1', '2', '3'];

/** What MikroORM takes for a yes. */
const YES = ['true', 't', '1'];

/**
 * Whether a stream gets colours. As in MikroORM's own command line, any of `NO_COLOR`, `MIKRO_ORM_NO_COLOR`,
 * `FORCE_COLOR=0` and `MIKRO_ORM_COLORS=0` takes them away. `FORCE_COLOR=1` gives them to a pipe and a file too.
 * `MIKRO_ORM_COLORS=1` gives nobody any: MikroORM itself sets it in every process with an ORM, by its option `colors`.
 */
export function hasColors(
  stream: { readonly isTTY?: boolean; hasColors?(): boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  const says = (name: string, words: readonly string[]) =>
    env[name] === undefined ? undefined : words.includes(env[name].toLowerCase());
  const isForced = says('FORCE_COLOR', FORCED);
  // By its own standard any text in NO_COLOR counts.
  const isRefused = env['NO_COLOR'] || says('MIKRO_ORM_NO_COLOR', YES) || says('MIKRO_ORM_COLORS', YES) === false;
  if (isRefused || isForced === false) {
    return false;
  }
  return isForced ?? (stream.isTTY === true && (stream.hasColors?.() ?? false));
}
