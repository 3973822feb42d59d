import { AbstractSqlPlatform, SqlMikroORM } from '@mikro-orm/sql';
import { SqliteDriver } from '@mikro-orm/sqlite';
import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../src/database/dialectOf.ts';
import { cron, cronEntities, defineCronJob, Schedule } from '../../src/index.ts';

const SUPPORTED = 'supported are PostgreSQL, PGlite, MySQL, MariaDB, SQLite and libSQL';

describe('an unsupported driver', () => {
  it('is refused when the host starts', async () => {
    class MsSqlPlatform extends AbstractSqlPlatform {}
    class MsSqlDriver extends SqliteDriver {
      protected override readonly platform = new MsSqlPlatform() as never;
    }
    const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });
    const init = SqlMikroORM.init({
      driver: MsSqlDriver,
      dbName: ':memory:',
      entities: cronEntities,
      extensions: [cron({ jobs: [job] })],
    });
    await expect(init).rejects.toThrow(`mikro-orm-cron: SQL Server (MsSqlDriver) is not supported; ${SUPPORTED}`);
  });

  it.each([
    ['MongoDriver', 'MongoDB (MongoDriver)'],
    ['OracleDriver', 'Oracle (OracleDriver)'],
    ['TheirOwnDriver', 'the driver TheirOwnDriver'],
  ])('is named as people know it: %s', (name, shown) => {
    const Driver = { [name]: class {} }[name]!;
    const driver = Object.assign(new Driver(), { getPlatform: () => new (class OtherPlatform {})() });
    expect(() => dialectOf({ driver } as never)).toThrow(`mikro-orm-cron: ${shown} is not supported; ${SUPPORTED}`);
  });
});
