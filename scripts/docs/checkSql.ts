import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { createMigratedDatabase, startPostgres } from '../../test/helpers/postgres.ts';
import { type Fence, fenceProblem, type Problem } from './Page.ts';

/** The host's own tables. */
const SCHEMA = join(import.meta.dirname, 'host', 'schema.sql');

/** Runs every fence of SQL on a real PostgreSQL with our tables and the host's in it, each in a database of its own. */
export async function checkSql(fences: readonly Fence[]): Promise<Problem[]> {
  if (fences.length === 0) {
    return [];
  }
  await using server = await startPostgres();
  const problems: Problem[] = [];
  for (const [index, fence] of fences.entries()) {
    const clientUrl = await createMigratedDatabase(server.url, `docs_${index}`);
    const orm = await MikroORM.init({ clientUrl, entities: [], discovery: { warnWhenNoEntities: false } });
    try {
      await orm.driver.getConnection().executeDump(readFileSync(SCHEMA, 'utf8'));
      await orm.driver.getConnection().executeDump(fence.text);
    } catch (error) {
      problems.push(fenceProblem(fence, 0, (error as Error).message));
    } finally {
      await orm.close(true);
    }
  }
  return problems;
}
