import { dialectOf } from '../../database/dialectOf.ts';
import { ownEm } from '../../database/ourTables.ts';
import { type CheckContext, type Finding, ok, warning } from './Check.ts';

/** Whether the database keeps every character: what it has no place for makes the message of a run fail to be written. */
export async function checkEncoding({ orm }: CheckContext): Promise<Finding[]> {
  const statement = dialectOf(orm).encoding;
  if (statement === undefined) {
    return [];
  }
  const [row] = await ownEm(orm).execute<{ encoding: string | null }[]>(statement);
  const encoding = row?.encoding ?? 'utf8';
  return /^utf-?8(?:mb4)?$/i.test(encoding)
    ? [ok(`the database keeps text as ${encoding}`)]
    : [
        warning(
          `the database keeps text as ${encoding}, which lacks characters that messages of jobs may have`,
          'use a database with UTF-8; until then a message with other characters is written without them, or not at all',
        ),
      ];
}
