import type { EntityMetadata, Platform } from '@mikro-orm/core';
import { dialectOfPlatform } from './dialectOf.ts';

/** Fits the mapping of one of our entities to the host's database: how codes are compared, where that must be said. */
export function adaptEntity(meta: EntityMetadata, platform: Platform): void {
  const collation = dialectOfPlatform(platform)?.codeCollation;
  const code = meta.properties['code' as never] as { collation?: string } | undefined;
  if (collation && code) {
    code.collation = collation;
  }
}
