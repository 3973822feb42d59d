import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cron, CronJobLog } from '../../src/index.ts';
import { runCli } from '../helpers/cli.ts';

const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
const sqlite = import.meta.resolve('@mikro-orm/sqlite');

describe('an application that a command boots, and that starts its loop by itself', () => {
  let folder: string;
  const noRows = async () => {
    const orm = await MikroORM.init({
      dbName: join(folder, 'cron.db'),
      extensions: [cron({ jobs: [] })],
      entities: [CronJobLog],
    });
    const count = await orm.em.fork().count(CronJobLog);
    await orm.close();
    return count === 0;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-boot-'));
    await writeFile(
      join(folder, 'mikro-orm.config.mjs'),
      `import { MikroORM } from '${sqlite}';
import { cron, cronEntities, CronJobBase, getCronRunner, Schedule } from '${source}';
class Hello extends CronJobBase {
  code = 'boot.hello';
  schedule = new Schedule({ runEveryMins: 5 });
  do() {}
}
let app;
const config = {
  dbName: '${join(folder, 'cron.db')}',
  entities: cronEntities,
  extensions: [cron({
    jobs: [Hello],
    createJob: async JobClass => {
      if (!app) {
        // The application, with a hook that starts the loop.
        app = new MikroORM(config);
        getCronRunner(app).start({ sleepSeconds: 1 });
        await new Promise(resolve => setTimeout(resolve, 300));
      }
      return new JobClass();
    },
  })],
};
export default { ...config, driver: (await import('${sqlite}')).SqliteDriver };
`,
    );
    const orm = await MikroORM.init({
      dbName: join(folder, 'cron.db'),
      extensions: [cron({ jobs: [] })],
      entities: [CronJobLog],
    });
    await orm.schema.create();
    await orm.close();
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it.each([['cron:list'], ['runcrons', '--dry-run']])('%s runs and locks nothing', async (...args) => {
    const { code, stdout, stderr } = await runCli([...args, '--config', join(folder, 'mikro-orm.config.mjs')]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'mikro-orm-cron: CronRunner.start(): nothing was started, since a command of mikro-orm-cron booted this application; call start() where only the server comes by, such as after listen()\n',
    });
    expect(stdout).toContain('boot.hello');
    expect(await noRows()).toBe(true);
  });
});
