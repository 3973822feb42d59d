import { PostgreSqlDialect } from './PostgreSqlDialect.ts';

/** PGlite: PostgreSQL in this very process, with no second connection from which to cancel a query. */
export class PgliteDialect extends PostgreSqlDialect {
  override readonly abortStrategy = 'ignore query';

  isWithinProcess(): boolean {
    return true;
  }
}
