import { type EntityProperty, type Platform, Type } from '@mikro-orm/core';
import { dialectOfPlatform } from './dialectOf.ts';

/**
 * A column of instants, to the millisecond: what `datetime` columns are to MikroORM, except that an instant written
 * through the entity is the same as one written by our own SQL, whatever the host's `forceUtcTimezone` and `timezone`.
 */
export class InstantType extends Type<Date | null, string | number | null> {
  override convertToDatabaseValue(value: Date | null, platform: Platform): string | number | null {
    if (!value) {
      return null;
    }
    return dialectOfPlatform(platform)?.toColumn(new Date(value)) ?? value.toISOString();
  }

  override convertToJSValue(value: Date | string | number | null, platform: Platform): Date | null {
    if (value === null || value === undefined || value instanceof Date) {
      return value;
    }
    return dialectOfPlatform(platform)?.fromColumn?.(value) ?? (platform.parseDate(value as string) as Date);
  }

  override getColumnType(_: EntityProperty, platform: Platform): string {
    return platform.getDateTimeTypeDeclarationSQL({ length: 3 });
  }

  /** Not 'Date': else MikroORM would parse the value, in a zone of its own choice, before this type sees it. */
  override compareAsType(): string {
    return 'string';
  }
}
