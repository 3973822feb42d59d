import { existsSync } from 'node:fs';
import { CLIHelper } from '@mikro-orm/cli';
import type { MikroORM } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import { messageOf } from '../util/thrown.ts';
import { settleWithin } from '../util/waiting.ts';
import { guardDataFolder } from './guardDataFolder.ts';
import type { HostOptions } from './HostOptions.ts';

/** Milliseconds that the database may take to close. */
const CLOSING = 5_000;

/** The host's ORM, closed when it goes out of scope. */
export interface Host extends AsyncDisposable {
  readonly orm: MikroORM;
}

/**
 * Loads the host's config as MikroORM's own CLI does, TypeScript included, and makes its ORM. Connects to nothing yet.
 *
 * @throws CronError when no config is found or it cannot be loaded, or when its database is a folder in use.
 */
export async function openHost({ config, contextName }: HostOptions): Promise<Host> {
  if (config && !config.some(path => existsSync(path))) {
    throw new CronError(`--config: there is no file ${config.join(', ')}; give the path of your MikroORM config`);
  }
  let unreadable: string | undefined;
  try {
    unreadable = await registerTypeScript(config);
    // MikroORM would create a database that is not there; a tick, let alone a dry run, must not.
    const orm: MikroORM = await CLIHelper.getORM(contextName, config ? [...config] : undefined, {
      ensureDatabase: false,
    });
    const guard = await guardDataFolder(orm);
    return {
      orm,
      async [Symbol.asyncDispose]() {
        // A connection that a job has not given back must not keep the process.
        await settleWithin(CLOSING, orm.close(true), () => new Error('late')).catch(() => undefined);
        await guard?.release();
      },
    };
  } catch (cause) {
    if (cause instanceof CronError) {
      throw cause;
    }
    const text = messageOf(cause);
    const wayOut = wayOutOf(text, unreadable);
    throw new CronError(`MikroORM config: ${text}${wayOut}`, { cause });
  }
}

/** @param unreadable the TypeScript config for which no loader is installed */
function wayOutOf(text: string, unreadable: string | undefined): string {
  if (unreadable !== undefined) {
    return `; ${unreadable} needs a loader for TypeScript: npm install --save-dev tsx, or compile it and name the result by --config or MIKRO_ORM_CLI_CONFIG`;
  }
  return text.startsWith('Cannot resolve tsconfig') ? '; put a tsconfig.json beside the config' : '';
}

/**
 * Registers a loader for TypeScript as `mikro-orm` does, but only for a host whose config is TypeScript: for others
 * MikroORM would complain of a missing loader on stderr, which crontab makes a mail of, every five minutes.
 *
 * @returns the TypeScript config for which no loader is installed
 */
async function registerTypeScript(config: readonly string[] | undefined): Promise<string | undefined> {
  const { preferTs, tsConfigPath, tsLoader, configPaths = [] } = CLIHelper.getSettings();
  const candidates = config ?? [
    process.env['MIKRO_ORM_CLI_CONFIG'] ?? '',
    ...configPaths,
    './src/mikro-orm.config.ts',
    './mikro-orm.config.ts',
  ];
  const typeScript = candidates.find(path => /\.[cm]?ts$/.test(path) && existsSync(path));
  const isTypeScript = preferTs ?? typeScript !== undefined;
  if (isTypeScript && (await CLIHelper.registerTypeScriptSupport(tsConfigPath, tsLoader))) {
    return undefined;
  }
  process.env['MIKRO_ORM_CLI_PREFER_TS'] ??= '0';
  return isTypeScript ? typeScript : undefined;
}
