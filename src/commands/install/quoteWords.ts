/** A word as `sh` reads it. */
export function shellWord(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll(/['\\]/g, quoteInShell)}'`;
}

/**
 * Some crons read `\\` and `\%` as one character, others only `\%`: so no backslash is followed by either, but by the end
 * of the quotation, which goes on behind it.
 */
function quoteInShell(character: string): string {
  return character === "'" ? `'\\''` : `\\''`;
}

/** A command for `sh` as a line of a crontab holds it, where a bare percent sign ends the command. */
export function crontabCommand(command: string): string {
  return command.replaceAll('%', '\\%');
}

/** The command line of a systemd service. */
export function systemdCommand([executable = '', ...args]: readonly string[]): string {
  // systemd refuses such an executable, however it is written, and replaces no `$$` in its path.
  return /["'\\]/.test(executable)
    ? ['/bin/sh', '-c', 'exec "$@"', 'sh', executable, ...args].map(systemdArgument).join(' ')
    : [systemdQuoted(executable), ...args.map(systemdArgument)].join(' ');
}

function systemdArgument(word: string): string {
  return systemdQuoted(word.replaceAll('$', '$$$$'));
}

function systemdQuoted(word: string): string {
  const escaped = systemdText(word);
  return /^[\w@%+=:,./$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A text of a unit file other than a command line. */
export function systemdText(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A directory as a unit file's setting: a backslash at the end of a line would continue it, and blanks there are dropped. */
export function systemdDirectory(directory: string): string {
  return systemdText(/[\\\s]$/.test(directory) ? `${directory}/` : directory);
}

/** A text as YAML of a compose file, which replaces `$NAME`. */
export function composeText(text: string): string {
  return JSON.stringify(text.replaceAll('$', '$$$$'));
}

/** A word of a container's command as YAML for Kubernetes, which replaces `$(NAME)`. */
export function kubernetesWord(word: string): string {
  return JSON.stringify(word.replaceAll('$', '$$$$'));
}
