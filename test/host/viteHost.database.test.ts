import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { installPackage } from '../helpers/installedPackage.ts';

const bin = (name: string) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

const application = `import { MikroORM } from '@mikro-orm/sqlite';
import { cron, cronEntities, CronJobBase, CronJobLog, getCronRunner, Schedule } from 'mikro-orm-cron';
class Counting extends CronJobBase {
  code = 'vite.counting';
  schedule = new Schedule({ runEveryMins: 5 });
  async do({ em }) { return (await em.count(CronJobLog)) + ' counted'; }
}
class Failing extends Counting {
  code = 'vite.failing';
  async do({ em }) { await em.execute('select * from nowhere'); }
}
export async function tick() {
  const orm = await MikroORM.init({ dbName: ':memory:', entities: cronEntities, extensions: [cron({ jobs: [Counting, Failing] })] });
  await orm.schema.create();
  const { jobs } = await getCronRunner(orm).run();
  const rows = await orm.em.fork().count(CronJobLog);
  await orm.close();
  return JSON.stringify([jobs.map(({ outcome }) => outcome), rows]);
}
`;
const answer = '[["succeeded","failed"],2]';

/** As MikroORM's own guide has it, and with all of its packages: then the host has a second copy of each. */
const noExternal = { 'the driver': "['@mikro-orm/sqlite']", 'every package of MikroORM': '[/@mikro-orm/]' };

it('a host of vite works when MikroORM is bundled, or inlined by vitest', async () => {
  await using installed = await installPackage();
  for (const [index, [name, packages]] of Object.entries(noExternal).entries()) {
    const host = await installed.createHost(`vite-${index}`, 'module', {
      'app.js': application,
      'main.js': `import { tick } from './app.js';\nconsole.log(await tick());\n`,
      'test/tick.test.js': `import { expect, it } from 'vitest';
import { tick } from '../app.js';
it('ticks', async () => expect(await tick()).toBe('${answer}'));
`,
      'vite.config.js': `export default {
  logLevel: 'error',
  ssr: { noExternal: ${packages} },
  build: { ssr: 'main.js', outDir: 'out' },
  test: { server: { deps: { inline: ${packages} } } },
};
`,
    });
    const run = async (command: string, ...args: string[]) =>
      promisify(execFile)(command, args, {
        cwd: host.directory,
        env: { ...process.env, VITEST: undefined, NO_COLOR: '1' },
      });
    await run(bin('vite'), 'build');
    expect((await run(process.execPath, join('out', 'main.js'))).stdout.trim(), name).toBe(answer);
    expect((await run(bin('vitest'), 'run')).stdout, name).toContain('1 passed');
  }
});
