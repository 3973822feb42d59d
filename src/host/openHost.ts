import { existsSync } from 'node:fs';
import { CLIHelper } from '@mikro-orm/cli';
import type { MikroORM } from '@mikro-orm/core';
import { fs } from '@mikro-orm/core/fs-utils';
import { CronError } from '../errors.ts';
import { DEFAULT_LIMIT_SECONDS, isWaitedForInVain } from '../util/limits.ts';
import { guardLoads, LoadError, whileLoading } from '../util/loading.ts';
import { isSeconds, SECONDS_ALLOWED, showValue } from '../util/rules.ts';
import { messageOf } from '../util/thrown.ts';
import { settleWithin } from '../util/waiting.ts';
import { noteCommand } from './commands.ts';
import { EndOnSignals } from './EndOnSignals.ts';
import { guardDataFolder } from './guardDataFolder.ts';
import type { HostOptions } from './HostOptions.ts';

/** Milliseconds that the database may take to close; one that has not answered before is not waited for. */
const CLOSING = 5_000;

/** Names the seconds that loading the config may take: before it is loaded, no setting is known. */
const LIMIT_NAME = 'MIKRO_ORM_CRON_CONNECT_TIMEOUT_SECONDS';

/** The host's ORM, closed when it goes out of scope. Until then SIGTERM and SIGINT end the process, see `EndOnSignals`. */
export interface Host extends AsyncDisposable {
  readonly orm: MikroORM;
}

/**
 * Loads the host's config as MikroORM's own CLI does, TypeScript included, and makes its ORM. Connects to nothing yet. What
 * is loaded from here on cannot end the process of a command; a child process is ended by its parent.
 *
 * @throws CronError when no config is found or it cannot be loaded in time, or when its database is a folder in use.
 */
export async function openHost({ config, contextName }: HostOptions, { isCommand = true } = {}): Promise<Host> {
  if (config && !config.some(path => existsSync(path))) {
    throw new CronError(`--config: there is no file ${config.join(', ')}; give the path of your MikroORM config`);
  }
  const seconds = limitSeconds();
  const signals = isCommand ? new EndOnSignals() : undefined;
  const command = noteCommand();
  if (isCommand) {
    guardLoads();
  }
  let unreadable: string | undefined;
  try {
    unreadable = await registerTypeScript(config);
    const orm = await loadOrm(contextName, config ? [...config] : await CLIHelper.getConfigPaths(), seconds);
    const guard = await guardDataFolder(orm);
    return {
      orm,
      async [Symbol.asyncDispose]() {
        // A connection that a job has not given back must not keep the process.
        const closing = isWaitedForInVain() ? 0 : CLOSING;
        await settleWithin(closing, orm.close(true), () => new Error('late')).catch(() => undefined);
        await guard?.release();
        signals?.[Symbol.dispose]();
        command[Symbol.dispose]();
      },
    };
  } catch (cause) {
    signals?.[Symbol.dispose]();
    command[Symbol.dispose]();
    if (cause instanceof CronError) {
      throw cause;
    }
    const text = messageOf(cause);
    const wayOut = wayOutOf(text, unreadable);
    throw new CronError(`MikroORM config: ${text}${wayOut}`, { cause });
  }
}

async function loadOrm(contextName: string | undefined, paths: string[], seconds: number): Promise<MikroORM> {
  const file = paths.find(path => fs.pathExists(fs.absolutePath(path)));
  const what = `MikroORM config: ${file ?? 'none'} cannot be loaded`;
  try {
    return await whileLoading<MikroORM>({ what, seconds, limitName: LIMIT_NAME }, async () =>
      // MikroORM would create a database that is not there; a tick, let alone a dry run, must not.
      CLIHelper.getORM(contextName, paths, { ensureDatabase: false }),
    );
  } catch (error) {
    throw error instanceof LoadError ? new CronError(`${what}: ${error.message}`, { cause: error }) : error;
  }
}

/** The seconds of the environment. */
function limitSeconds(): number {
  const given = process.env[LIMIT_NAME];
  const seconds = given ? Number(given) : DEFAULT_LIMIT_SECONDS;
  if (!isSeconds(seconds)) {
    throw new CronError(`${LIMIT_NAME}: ${showValue(given)} is not allowed; it must be ${SECONDS_ALLOWED}`);
  }
  return seconds;
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
