import type { EntityMetadata, EntityProperty, Platform } from '@mikro-orm/core';
import { dialectOfPlatform } from './dialectOf.ts';

/** Fits the mapping of one of our entities to the host's database. */
export function adaptEntity(meta: EntityMetadata, platform: Platform): void {
  const properties: Record<string, EntityProperty> = meta.properties;
  for (const [name, additions] of Object.entries(dialectOfPlatform(platform)?.mapping ?? {})) {
    Object.assign(properties[name] ?? {}, additions);
  }
}
