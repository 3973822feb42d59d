import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { checkHost } from '../../src/commands/check/checkHost.ts';
import { installHost } from '../../src/commands/install/installHost.ts';
import { readDeployment } from '../../src/commands/install/readDeployment.ts';
import { memoryOutput } from '../helpers/output.ts';

const config = [fileURLToPath(new URL('../fixtures/host/mikro-orm.config.ts', import.meta.url))];

vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere');

it('an action runs without a process: it gets options and an output, and gives its exit code', async () => {
  const { out, stdout, stderr } = memoryOutput();
  expect(await checkHost({ config, offline: true, mail: true, json: false }, out)).toBe(1);
  expect(stdout.written).toContain('✘ mail       cron() has no mail setting');
  expect(stderr.written).toBe('');
});

it('an action prints JSON to the same output', async () => {
  const { out, stdout } = memoryOutput({ json: true });
  expect(await installHost({ config, forms: ['crontab'], json: true }, out)).toBe(0);
  expect(JSON.parse(stdout.written)).toEqual({ crontab: expect.stringContaining('*/5 * * * *') });
});

it('--print refuses a path or name that a form would have to change', () => {
  expect(() => readDeployment({ contextName: 'a\nb' }, 10)).toThrow(
    "cron:install --print: 'a\\u000ab' has control characters, which no crontab and its like can hold; rename it",
  );
  expect(() => readDeployment({ config: ['x\u202ey.ts'] }, 10)).toThrow('has control characters');
  expect(readDeployment({ contextName: 'a b' }, 10).options).toEqual(['--contextName', 'a b']);
});

it('--print names the symlink that the shell stands in, not the release behind it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'app-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const current = join(folder, 'current');
  await symlink(process.cwd(), current);
  await symlink(tmpdir(), join(folder, 'elsewhere'));
  const printed = (PWD: string) => {
    vi.stubEnv('PWD', PWD);
    return readDeployment({ config: ['dist/config.js', '/etc/other.js'] }, 10);
  };
  onTestFinished(() => void vi.stubEnv('PWD', undefined));
  expect(printed(current)).toMatchObject({
    directory: current,
    node: process.execPath.replace(process.cwd(), current),
    program: join(current, 'src', 'cli.ts'),
    options: ['--config', join(current, 'dist', 'config.js'), '--config', '/etc/other.js'],
  });
  for (const other of [join(folder, 'elsewhere'), join(folder, 'missing'), 'current', `${current}/../current`, '']) {
    expect(printed(other).directory).toBe(process.cwd());
  }
});

it('--print takes paths as they are, however long and with whatever blanks', () => {
  const path = `/srv/${'long '.repeat(100)} two  blanks\u00a0 and\u3000more.js`;
  expect(readDeployment({ config: [path] }, 10).options).toEqual(['--config', path]);
  for (const bad of ['\n', '\r', '\t', '\u0085', '\u2028', '\u2029', '\u202e', '\ud800', '\u0000', '\u001b']) {
    expect(() => readDeployment({ config: [`/srv/a${bad}b.js`] }, 10)).toThrow('has control characters');
  }
});
