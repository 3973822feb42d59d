import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cronCommands } from '../../src/index.ts';
import { runCli } from '../helpers/cli.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { runInTerminal } from '../helpers/terminal.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const names = cronCommands.map(({ command }) => String(command).split(' ')[0]!);

describe('mikro-orm-cron', () => {
  describe('--help', () => {
    it.each(['', ...names])('of %j, with examples', async name => {
      const { code, stdout, stderr } = await runCli([name, '--help'].filter(Boolean));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Examples:');
      expect(stdout).toMatchSnapshot();
    });

    it('is as wide as the terminal, up to a line that is still easy to read', async () => {
      const widest = (text: string) => Math.max(...text.split('\n').map(line => line.length));
      expect(widest((await runInTerminal(['cron:log', '--help'], {}, 60)).text)).toBeLessThanOrEqual(60);
      const wide = widest((await runInTerminal(['cron:log', '--help'], {}, 200)).text);
      expect(wide).toBeGreaterThan(80);
      expect(wide).toBeLessThanOrEqual(100);
    });
  });

  it('says in one line that a command is missing', async () => {
    expect(await runCli([])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'mikro-orm-cron: A command is missing; see --help\n',
    });
  });

  describe('completes commands and options', () => {
    let directory: string;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'completion-'));
      await writeFile(join(directory, 'mikro-orm-cron'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
      await chmod(join(directory, 'mikro-orm-cron'), 0o755);
    });
    afterAll(() => rm(directory, { recursive: true }));

    it.each([
      ['mikro-orm-cron cron:l', ['cron:list', 'cron:log']],
      ['mikro-orm-cron cron:list --fail', ['--failing']],
    ])('in bash: %s', async (line, completions) => {
      const words = line.split(' ');
      const script = `
        source <(SHELL=/bin/bash mikro-orm-cron completion)
        [[ $COMP_WORDBREAKS == *:* ]] && echo 'a colon breaks words'
        COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'
        $(complete -p mikro-orm-cron | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await promisify(execFile)('bash', ['-c', script], {
        env: { ...process.env, SHELL: '/bin/bash', PATH: `${directory}:${process.env['PATH']}` },
      });
      expect(stdout.trimEnd().split('\n')).toEqual(completions);
    });
  });

  describe('exits', () => {
    let database: TestDatabase;
    let env: NodeJS.ProcessEnv;
    const nowhere = { DATABASE_URL: 'postgresql://postgres:secret@127.0.0.1:1/nowhere' };

    beforeAll(async () => {
      database = await createTestDatabase();
      env = { DATABASE_URL: database.url };
    });
    afterAll(() => database[Symbol.asyncDispose]());

    const ofJobs = ['cron:unlock', 'cron:pause', 'cron:resume', 'cron:skip', 'cron:run', 'cron:cancel'];
    const all = names.map(name => (ofJobs.includes(name) ? [name, 'Quick'] : [name]));
    const once = ([name, ...rest]: string[]) =>
      name === 'cronloop'
        ? [name, '--repeat', '1', '--sleep', '1']
        : name === 'cron:prune'
          ? [name, '--older-than-days', '30']
          : [name!, ...rest];
    // What installs and what mails need what this host has not.
    const inDatabase = all.filter(([name]) => !['cron:install', 'cron:mail-test'].includes(name!));

    // A cancel needs a run that is under way.
    const doable = inDatabase.filter(([name]) => name !== 'cron:cancel');
    it.each(doable.map(once))('with 0 when it did what it was asked to: %s', async (...args) => {
      expect(await runCli(args, env)).toMatchObject({ code: 0, stderr: '' });
    });

    it.each(all.map(once))('with 1 and one line on stderr when the config has no cron(): %s', async (...args) => {
      const { code, stdout, stderr } = await runCli(args, { ...env, WITHOUT_CRON: '1' });
      expect(code).toBe(1);
      expect(args[0] === 'cron:check' ? stdout : stderr).toMatch(/the MikroORM config has no cron\(\)/);
    });

    it.each(inDatabase.filter(([name]) => name !== 'cronloop').map(once))(
      'with 1 when the database cannot be reached, without the password: %s',
      async (...args) => {
        const { code, stdout, stderr } = await runCli(args, nowhere);
        expect(code).toBe(1);
        expect(args[0] === 'cron:check' ? stdout : stderr).toMatch(/Database 'nowhere': .*ECONNREFUSED/);
        expect(stdout + stderr).not.toContain('secret');
      },
    );

    it.each(all.map(once))('with 1 for an option that does not exist: %s', async (...args) => {
      expect(await runCli([...args, '--nonsense'], env)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: 'mikro-orm-cron: Unknown argument: nonsense; see --help\n',
      });
    });

    it('with 2 under --strict when a job failed', async () => {
      expect((await runCli(['runcrons', 'Failing', '--force', '--strict'], env)).code).toBe(2);
      expect((await runCli(['runcrons', 'Failing', '--force'], env)).code).toBe(0);
      expect((await runCli(['runcrons', 'Quick', '--force', '--strict'], env)).code).toBe(0);
    });
  });

  it.each([['cron:log', '--json'], ['cron:list'], ['cron:check'], ['--help']])(
    'ends quietly when the reader of a pipe has had enough: %s %s',
    async (...args) => {
      await using database = await createTestDatabase();
      await database.sql(
        `insert into cron_job_log (code, start_time, end_time, status, message, host, pid)
         select 'host.quick', now(), now(), 'succeeded', repeat('x', 20000), 'web-1', 7 from generate_series(1, 50)`,
      );
      const words = args.filter(Boolean).map(word => `'${word}'`);
      const limit = args[0] === 'cron:log' ? ' --limit 50' : '';
      const command = `'${process.execPath}' '${CLI}' ${words.join(' ')}${limit} | head -1 >/dev/null; echo "codes \${PIPESTATUS[@]}"`;
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], {
        cwd: fileURLToPath(new URL('../fixtures/host', import.meta.url)),
        env: { ...process.env, DATABASE_URL: database.url },
      });
      expect({ stdout, stderr }).toEqual({ stdout: 'codes 0 0\n', stderr: '' });
    },
  );

  it('lends its commands to a host with a command line of its own', async () => {
    await using database = await createTestDatabase();
    const script = `
      import yargs from 'yargs';
      import { cronCommands } from '${fileURLToPath(new URL('../../src/index.ts', import.meta.url))}';
      await yargs(process.argv.slice(1))
        .scriptName('app')
        .command(cronCommands)
        .command('greet', 'Say hello', {}, () => console.log('hello'))
        .demandCommand(1).strict().parseAsync();`;
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: { ...process.env, DATABASE_URL: database.url, NO_COLOR: '1' },
      });
    expect((await run('greet')).stdout).toBe('hello\n');
    expect((await run('--help')).stdout).toContain('app cron:list [jobs..]');
    const { stdout } = await run('runcrons', 'Quick', '--config', 'test/fixtures/host/mikro-orm.config.ts');
    expect(stdout).toMatch(/^\[✔\] host\.quick in /);
  });
});
