import type { HostOptions } from '../host/HostOptions.ts';

/** A text with our commands and MikroORM's in it, so that each finds the config that was found by these options. */
export function forHost(text: string, { config, contextName }: HostOptions): string {
  const options = [
    ...(config ?? []).map(path => ` --config ${quoted(path)}`),
    ...(contextName === undefined || contextName === 'default' ? [] : [` --contextName ${quoted(contextName)}`]),
  ].join('');
  return text.replaceAll(/npx mikro-orm(?:-cron)? [a-z]+:[a-z]+/g, command => command + options);
}

function quoted(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
