import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/sqlite';
import { expect, it } from 'vitest';
import { cron, cronEntities, defineCronJob, getCronRunner, Schedule } from '../../src/index.ts';

const job = defineCronJob({ code: 'a', schedule: new Schedule({ runEveryMins: 5 }), do: () => 'ran' });

it.each([{ dryRun: true }, {}])('a mistyped name of an SQLite file makes no file: run(%j)', async options => {
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-typo-'));
  const dbName = join(directory, 'typo.db');
  const orm = new MikroORM({ dbName, entities: cronEntities, extensions: [cron({ jobs: [job] })] });
  try {
    await expect(getCronRunner(orm).run(options)).rejects.toThrow(
      `Database '${dbName}': there is no file ${dbName}; see dbName in the MikroORM config`,
    );
    expect(existsSync(dbName)).toBe(false);
  } finally {
    await orm.close(true);
    await rm(directory, { recursive: true });
  }
});
