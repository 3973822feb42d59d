import type { MikroORM } from '@mikro-orm/core';

const directories = new WeakMap<MikroORM, string>();

/** Notes the working directory at the start of a host, by which its config was found: a job may change it later. */
export function noteStartDirectory(orm: MikroORM): void {
  try {
    directories.set(orm, process.cwd());
  } catch {
    // The directory has been deleted; a child process can then only start where this one stands.
  }
}

/** The working directory at the start of a host; `undefined` when there was none. */
export function startDirectory(orm: MikroORM): string | undefined {
  return directories.get(orm);
}
