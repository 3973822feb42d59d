import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkCoverage, coverages } from '../../scripts/docs/checkCoverage.ts';
import { checkPages } from '../../scripts/docs/checkPages.ts';
import { parsePage } from '../../scripts/docs/parsePage.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What is found wrong with a page, as "line: text". */
async function problemsOf(...lines: string[]): Promise<string[]> {
  const { problems } = await checkPages([parsePage('docs/bad.md', lines.join('\n'))], repository);
  return problems.map(({ line, text }) => `${line}: ${text}`);
}

const fence = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, '```'];

describe('check:docs', () => {
  it('finds nothing wrong with a page on which all is well', async () => {
    expect(
      await problemsOf(
        '# A page',
        '[here](#a-page), [the readme](../README.md#a-job)',
        ...fence('ts', 'new Schedule({ runEveryMins: 5 });'),
        ...fence('js', "const { cron } = require('mikro-orm-cron');", 'module.exports = cron({ jobs: [] });'),
        ...fence('json', '{ "a": 1 }'),
        ...fence(
          'sh',
          "PATH=.:$PATH npx mikro-orm-cron runcrons 'billing.*' \\",
          '  --force | head -1  # one job',
          'npm run demo',
        ),
        ...fence('', '*/5 * * * * cd /srv/app && npx mikro-orm-cron runcrons --silent', 'whatever it printed'),
        ...fence('yaml', 'command: ["node", "node_modules/mikro-orm-cron/dist/cli.js", "cronloop", "--sleep", "60"]'),
        '| message | why |',
        '| - | - |',
        '| `cron({ … }): there is no such setting` | mistyped |',
      ),
    ).toEqual([]);
  });

  it('compiles code against the types as they are, whole modules and pieces', async () => {
    expect(
      await problemsOf(
        ...fence('ts', "import { Schedule } from 'mikro-orm-cron';", '', 'new Schedule({ runEvryMins: 5 });'),
        ...fence('ts', "import { Schedule, Shedule } from 'mikro-orm-cron';"),
        ...fence('ts', 'const at: string = new Schedule({ runEveryMins: 5 });'),
        ...fence('ts', 'async do({ emm }: CronJobContext) {}'),
        ...fence('ts', "import { Missing } from '../entities/Missing.js';"),
        ...fence('js', "import { cron } from 'mikro-orm-cron';", 'cron({ jobs: 5 });'),
      ),
    ).toEqual([
      expect.stringMatching(/^4: .*runEvryMins/),
      expect.stringMatching(/^7: .*Shedule/),
      expect.stringMatching(/^10: .*not assignable to type 'string'/),
      expect.stringMatching(/^13: .*emm/),
      expect.stringMatching(/^16: .*Missing/),
      expect.stringMatching(/^20: .*number/),
    ]);
  });

  it('parses commands by the real command line, wherever they stand', async () => {
    expect(
      await problemsOf(
        ...fence('sh', 'cd /srv/app && \\', '  npx mikro-orm-cron runcrons --forse', 'npm run tests'),
        ...fence('', '$ npx mikro-orm-cron cron:lst', '*/5 * * * * npx mikro-orm-cron cron:log --limit nine'),
        ...fence('ini', 'ExecStart=/usr/bin/node /srv/app/node_modules/mikro-orm-cron/dist/cli.js runcron'),
        ...fence('dockerfile', 'CMD ["npx", "mikro-orm-cron", "cronloop", "--sleep"]'),
        'Or `npx mikro-orm-cron cron:unlock`, `cron:list --dew`.',
        ...fence('yaml', 'args: npx mikro-orm-cron runcrons'),
      ),
    ).toEqual([
      expect.stringMatching(/^2: .*forse/),
      expect.stringMatching(/^4: 'tests' is no script/),
      expect.stringMatching(/^7: .*cron:lst/),
      expect.stringMatching(/^8: .*--limit/),
      expect.stringMatching(/^11: .*runcron: /),
      expect.stringMatching(/^14: .*sleep/),
      expect.stringMatching(/^16: .*cron:unlock: /),
      expect.stringMatching(/^16: .*dew/),
      expect.stringMatching(/^18: .*could-not-be-read/),
    ]);
  });

  it('runs SQL and the snippets that are tests', async () => {
    expect(
      await problemsOf(
        ...fence('sql', 'select count(*) from cron_job_log;'),
        ...fence('sql', 'select no_such_column from cron_job_log;'),
        ...fence('ts', "import { expect, it } from 'vitest';", "it('adds', () => {", '  expect(1 + 1).toBe(3);', '});'),
      ),
    ).toEqual([
      expect.stringMatching(/^5: .*no_such_column/),
      expect.stringMatching(/^8: the test fails:[^]*expected 2 to be 3/),
    ]);
  });

  it('knows what data, links, quoted messages and printed forms must be', async () => {
    expect(
      await problemsOf(
        ...fence('json', '{ "a": 1, }'),
        ...fence('rust', 'fn main() {}'),
        '<!-- snippet: printed docker -->',
        ...fence('yaml', 'services:'),
        '[a](gone.md) [b](../README.md#gone) [c](#gone)',
        '',
        '| message | why |',
        '| `cron({ … }): no such thing` | never |',
      ),
    ).toEqual([
      expect.stringMatching(/^2: .*JSON/),
      expect.stringMatching(/^4: nobody checks the language 'rust'/),
      expect.stringMatching(/^9: cron:install --print docker prints otherwise: # compose.yaml/),
      expect.stringMatching(/^11: gone.md: /),
      expect.stringMatching(/^11: ..\/README.md#gone: /),
      expect.stringMatching(/^11: #gone: /),
      expect.stringMatching(/^14: no source says/),
    ]);
  });

  it('misses what a page does not name', async () => {
    const wanted = await coverages();
    expect(wanted.map(({ names }) => names.length > 5)).toEqual([true, true, true, true]);
    const texts = checkCoverage([parsePage('README.md', '| `jobs` | … |')], wanted).map(({ text }) => text);
    expect(texts).not.toContain('it does not name the setting jobs');
    expect(texts).toEqual(
      expect.arrayContaining([
        'it does not name the setting timeZone',
        'it does not name the command runcrons',
        'it does not name the option --force',
        'it does not name the option of Schedule runAtTimes',
      ]),
    );
  });
});
