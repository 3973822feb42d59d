import type { MikroORM } from '@mikro-orm/core';
import { dialectOf } from './dialectOf.ts';
import { ownEm } from './ourTables.ts';

/** Keeps a session that jobs share with us as it was. */
export interface SessionGuard {
  /** Remembers the session's settings. */
  save(): Promise<void>;
  /** Ends a transaction that was left open, and puts changed settings back. */
  restore(): Promise<void>;
}

/** The guard of a database with only one connection; `undefined` where sessions carry nothing. */
export function sessionGuard(orm: MikroORM): SessionGuard | undefined {
  const { session } = dialectOf(orm);
  if (!session) {
    return undefined;
  }
  let saved: Map<string, string> | undefined;
  const read = async () => {
    const rows = await ownEm(orm).execute<{ name: string; value: string }[]>(session.read);
    return new Map(rows.map(({ name, value }) => [name, String(value)]));
  };
  return {
    async save() {
      saved ??= await read();
    },
    async restore() {
      await session.endTransaction(ownEm(orm));
      const present = await read();
      for (const [name, value] of saved ?? []) {
        if (present.get(name) !== value) {
          const { statement, parameters } = session.set(name, value);
          await ownEm(orm).execute(statement, parameters);
        }
      }
    },
  };
}
