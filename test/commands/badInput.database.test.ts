import { describe, expect, it } from 'vitest';
import { createCli } from '../../src/commands/createCli.ts';
import { runCli } from '../helpers/cli.ts';

/** The one line that a command line is refused with. */
async function refusal(line: string): Promise<string> {
  const words = line.split(' ');
  try {
    await createCli().parseAsync(words);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${line} was not refused`);
}

describe('a command line that makes no sense is refused as it was typed:', () => {
  it.each([
    ['runcrons --concurrency abc', "--concurrency: 'abc' is not allowed; it must be a whole number from 1"],
    ['runcrons --concurrency 1.5', "--concurrency: '1.5' is not allowed; it must be a whole number from 1"],
    ['cronloop --concurrency 0', "--concurrency: '0' is not allowed; it must be a whole number from 1"],
    ['cronloop --repeat 0', "--repeat: '0' is not allowed; it must be a whole number from 1"],
    ['cronloop --sleep 0', "--sleep: '0' is not allowed; it must be a number above 0 and at most 2147483"],
    ['cronloop --sleep 3600000', "--sleep: '3600000' is not allowed; it must be a number above 0 and at most 2147483"],
    ['cronloop --jitter -1', "--jitter: '-1' is not allowed; it must be 0 or a number above 0 and at most 2147483"],
    ['cronloop --jitter 1e9', "--jitter: '1e9' is not allowed; it must be 0 or a number above 0 and at most 2147483"],
    ['cron:log --limit abc', "--limit: 'abc' is not allowed; it must be a whole number from 1"],
    ['cron:log --limit 1 --limit 2', "--limit: '1,2' is not allowed; it must be a whole number from 1"],
    ['cron:log --before x', "--before: 'x' is not allowed; it must be a whole number from 1"],
    [
      'cron:log app.slow',
      "cron:log: 'app.slow' is not the id of a run, a whole number from 1; for the runs of a job use --code",
    ],
    [
      'cron:prune --older-than-days 1e9',
      "--older-than-days: '1e9' is not allowed; it must be a number of days above 0 and at most 36500",
    ],
    [
      'cron:list --sort foo',
      'Not allowed: --sort: "foo"; it must be one of "jobs", "code", "next", "last", "failures"',
    ],
    ['cron:unlock', 'A name is missing: 0 given, 1 needed'],
    ['foo', "There is no command 'foo'"],
    ['runcrons --dryrun', 'Unknown argument: dryrun'],
    ['runcrons --force -- app.quick', "'app.quick' after -- is not supported; leave -- out"],
    ['cron:log -- 3', "'3' after -- is not supported; leave -- out"],
    ['cron:log --grep a --grep b', "'a', 'b' are too many values; give the option once"],
  ])('%s', async (line, message) => {
    expect(await refusal(line)).toContain(message);
  });
});

describe('a flag', () => {
  it.each([
    'runcrons --dry-run=yes',
    'runcrons --dry-run=false',
    'runcrons --force=1',
    'runcrons --silent=TRUE',
    'cronloop --json=1',
    'cron:check --offline=yes',
    'cron:log --failed=no',
    'cron:log --follow=1',
    'cron:unlock a.b --yes=1',
  ])('takes no value, since it would be taken for false: %s', async line => {
    expect(await refusal(line)).toMatch(/^--[\w-]+ takes no value$/);
  });
});

describe('an old Node', () => {
  it('is told so in one line, before anything is imported', async () => {
    const old = encodeURIComponent(`Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`);
    const { code, stdout, stderr } = await runCli(['runcrons'], {
      NODE_OPTIONS: `--import=data:text/javascript,${old}`,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^mikro-orm-cron: Node v\S+ \(\S+\) is too old; 22\.17 or newer is required: .+\n$/);
  });
});

describe('--config', () => {
  it('takes one path, so that a job named after it is not lost', async () => {
    const { code, stderr } = await runCli(['runcrons', '--config', 'no.such.config.ts', 'NoJob']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'mikro-orm-cron: --config: there is no file no.such.config.ts; give the path of your MikroORM config\n',
    });
  });

  it('says what a TypeScript config needs where no loader for it is installed', async () => {
    const { code, stderr } = await runCli(['runcrons'], { MIKRO_ORM_CLI_TS_LOADER: 'jiti' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^mikro-orm-cron: MikroORM config: .*; \.\/mikro-orm\.config\.ts needs a loader for TypeScript: npm install --save-dev tsx, or compile it and name the result by --config or MIKRO_ORM_CLI_CONFIG$/m,
    );
  });
});
