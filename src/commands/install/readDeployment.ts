import { existsSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, extname, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CronError } from '../../errors.ts';
import type { HostOptions } from '../../host/HostOptions.ts';
import { showHidden } from '../../util/texts.ts';
import type { Deployment } from './deploymentForms.ts';

/**
 * How this host, in the working directory, would be called by its machine. Paths are those that the shell shows: behind
 * a symlink such as `current`, which each release moves, not in the release that it leads to now.
 *
 * @throws CronError when a path or name has characters that none of the forms can hold.
 */
export function readDeployment({ config, contextName }: HostOptions, graceSeconds: number): Deployment {
  const real = process.cwd();
  const directory = shownDirectory(real);
  const behindSymlink = replaceBase(real, directory);
  const envFile = join(directory, '.env');
  const deployment = {
    node: behindSymlink(process.execPath),
    program: installedProgram(directory) ?? behindSymlink(ownProgram()),
    directory,
    envFile: existsSync(envFile) ? envFile : undefined,
    options: [
      // The machine's crontab has none of this shell's environment.
      ...(config ?? fromEnvironment('MIKRO_ORM_CLI_CONFIG')).flatMap(path => ['--config', resolve(directory, path)]),
      ...(contextName === undefined || contextName === 'default' ? [] : ['--contextName', contextName]),
    ],
    user: userName(),
    graceSeconds,
  };
  for (const word of [deployment.node, deployment.program, directory, deployment.user, ...deployment.options]) {
    const shown = showHidden(word).replaceAll(/[\u2028\u2029]/g, '?');
    if (shown !== word) {
      throw new CronError(
        `cron:install --print: '${shown}' has control characters, which no crontab and its like can hold; rename it`,
      );
    }
  }
  return deployment;
}

/** The working directory by the name that the shell knows it by, as long as that still leads here. */
function shownDirectory(real: string): string {
  const { PWD: shown } = process.env;
  try {
    return shown !== undefined &&
      isAbsolute(shown) &&
      resolve(shown) === shown &&
      realpathSync(shown) === realpathSync(real)
      ? shown
      : real;
  } catch {
    return real;
  }
}

/** Gives paths in what a symlink leads to as paths behind the symlink, also those beside the working directory. */
function replaceBase(real: string, shown: string): (path: string) => string {
  const names = { real: real.split(sep), shown: shown.split(sep) };
  while (names.real.length > 2 && names.shown.length > 2 && names.real.at(-1) === names.shown.at(-1)) {
    names.real.pop();
    names.shown.pop();
  }
  const base = names.real.join(sep);
  return path => (path.startsWith(base + sep) ? join(names.shown.join(sep), path.slice(base.length)) : path);
}

/** By the path in node_modules, since the real one may have a version in it (pnpm); a workspace's is further up. */
function installedProgram(directory: string): string | undefined {
  const program = join(directory, 'node_modules', 'mikro-orm-cron', 'dist', 'cli.js');
  const parent = dirname(directory);
  return existsSync(program) ? program : parent === directory ? undefined : installedProgram(parent);
}

function ownProgram(): string {
  return fileURLToPath(new URL(`../../cli${extname(import.meta.url)}`, import.meta.url));
}

function fromEnvironment(name: string): string[] {
  const value = process.env[name];
  return value ? [value] : [];
}

/** In a container the user id may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'app');
  }
}
