import { MikroORM } from '@mikro-orm/sqlite';
import { expect, it } from 'vitest';
import type { CheckContext } from '../../../src/commands/check/Check.ts';
import { checkTables } from '../../../src/commands/check/checkTables.ts';
import { cron, cronEntities } from '../../../src/index.ts';

it('reports a missing column as missing, also where only the database’s text says so', async () => {
  const orm = await MikroORM.init({ dbName: ':memory:', entities: cronEntities, extensions: [cron({ jobs: [] })] });
  try {
    await orm.schema.create();
    await orm.em.execute('alter table cron_job_log drop column ran_at_time');
    expect(await checkTables({ orm } as unknown as CheckContext)).toMatchObject([
      { status: 'problem', text: expect.stringContaining('cron_job_log has no column ran_at_time') },
    ]);
  } finally {
    await orm.close(true);
  }
});
