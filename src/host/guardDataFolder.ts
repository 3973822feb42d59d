import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { MikroORM } from '@mikro-orm/core';
import { dialectOf } from '../database/dialectOf.ts';
import { CronError } from '../errors.ts';
import { defaultDirectory, FileLock } from '../lock/fileLock.ts';

/**
 * Keeps two commands from opening one folder of PGlite at once: it has no guard of its own, and each would write over
 * what the other wrote, until the database is broken.
 *
 * @returns the guard, to be released when the database is closed; `undefined` where several processes may use it
 * @throws CronError when another command has the folder open.
 */
export async function guardDataFolder(orm: MikroORM): Promise<FileLock | undefined> {
  const folder = dialectOf(orm).dataFolder?.(orm.config);
  if (folder === undefined) {
    return undefined;
  }
  // One that is not there yet has no real path.
  const path = await realpath(folder).catch(() => resolve(folder));
  const guard = new FileLock(`pglite:${path}`, defaultDirectory(), undefined);
  if (await guard.lock()) {
    return guard;
  }
  const holder = await guard.holder();
  throw new CronError(
    `Database '${folder}': ${holder ? `pid ${holder.pid}` : 'another command'} has it open, and PGlite's folder serves one process at a time; wait for it, or use a database server`,
  );
}
