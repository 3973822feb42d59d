import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CronError } from '../../errors.ts';
import type { HostOptions } from '../../host/HostOptions.ts';
import { oneLine } from '../../terminal/text.ts';
import type { Deployment } from './deploymentForms.ts';

/**
 * How this host, in the working directory, would be called by its machine.
 *
 * @throws CronError when a path or name has characters that none of the forms can hold.
 */
export function readDeployment({ config, contextName }: HostOptions, graceSeconds: number): Deployment {
  const directory = process.cwd();
  // By the path in node_modules, since the real one may have a version in it (pnpm).
  const installed = join(directory, 'node_modules', 'mikro-orm-cron', 'dist', 'cli.js');
  const self = fileURLToPath(new URL(`../../cli${extname(import.meta.url)}`, import.meta.url));
  const envFile = join(directory, '.env');
  const deployment = {
    node: process.execPath,
    program: existsSync(installed) ? installed : self,
    directory,
    envFile: existsSync(envFile) ? envFile : undefined,
    options: [
      // The machine's crontab has none of this shell's environment.
      ...(config ?? fromEnvironment('MIKRO_ORM_CLI_CONFIG')).flatMap(path => ['--config', resolve(path)]),
      ...(contextName === undefined || contextName === 'default' ? [] : ['--contextName', contextName]),
    ],
    user: userName(),
    graceSeconds,
  };
  for (const word of [deployment.node, deployment.program, directory, deployment.user, ...deployment.options]) {
    if (oneLine(word) !== word) {
      throw new CronError(
        `cron:install --print: ${JSON.stringify(word)} has control characters, which no crontab and its like can hold; rename it`,
      );
    }
  }
  return deployment;
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
