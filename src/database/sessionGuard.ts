import type { MikroORM } from '@mikro-orm/core';
import { dialectOf } from './dialectOf.ts';
import { ownEm } from './ourTables.ts';

/** Keeps a session that jobs share with us, or with each other, as it was. */
export interface SessionGuard {
  /** Remembers the session's settings. */
  save(): Promise<void>;
  /** Ends a transaction that was left open, and puts changed settings back. */
  restore(): Promise<void>;
}

/** The guard of a host with only one connection; `undefined` where sessions carry nothing. */
export function sessionGuard(orm: MikroORM): SessionGuard | undefined {
  const { session } = dialectOf(orm);
  if (!session) {
    return undefined;
  }
  const run = async (statement: string, parameters: string[] = []): Promise<object[]> =>
    session.run ? session.run(orm, statement, parameters) : ownEm(orm).execute<object[]>(statement, parameters);
  const read = async (statement: string) => {
    const rows = (await run(statement)) as { name: string; value: string }[];
    return new Map(rows.map(({ name, value }) => [name, String(value)]));
  };
  // In this order: a user without rights neither sees all settings nor may set them.
  const groups = session.read.map(statement => ({ statement, saved: undefined as Map<string, string> | undefined }));
  return {
    async save() {
      for (const group of groups) {
        group.saved ??= await read(group.statement);
      }
    },
    async restore() {
      await session.endTransaction(orm);
      for (const { statement, saved } of groups) {
        const present = await read(statement);
        for (const [name, value] of saved ?? []) {
          if (present.get(name) !== value) {
            const put = session.set(name, value);
            await run(put.statement, put.parameters);
          }
        }
      }
      for (const statement of session.cleanUp) {
        await run(statement);
      }
    },
  };
}
