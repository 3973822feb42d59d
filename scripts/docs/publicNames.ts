import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A name that the package exports. */
export interface PublicName {
  readonly name: string;
  readonly isType: boolean;
  /** The entry that has it. */
  readonly entry: string;
}

/** Where the sources of the package's entries are. */
export const ENTRIES: Record<string, string> = {
  'mikro-orm-cron': 'src/index.ts',
  'mikro-orm-cron/nestjs': 'src/nestjs/index.ts',
  'mikro-orm-cron/testing': 'src/testing/index.ts',
  'mikro-orm-cron/migrations': 'migrations/index.ts',
};

/** All names that the package exports. */
export function publicNames(repository: string): PublicName[] {
  return Object.entries(ENTRIES).flatMap(([entry, file]) => {
    const source = readFileSync(join(repository, file), 'utf8');
    return [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, isType, list]) =>
      list!
        .split(',')
        .map(item => /^(type )?(\w+)$/.exec(item.trim()))
        .filter(item => item !== null)
        .map(item => ({ name: item[2]!, isType: isType !== undefined || item[1] !== undefined, entry })),
    );
  });
}
