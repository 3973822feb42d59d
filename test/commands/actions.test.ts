import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
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
    'cron:install --print: "a\\nb" has control characters, which no crontab and its like can hold; rename it',
  );
  expect(() => readDeployment({ config: ['x\u202ey.ts'] }, 10)).toThrow('has control characters');
  expect(readDeployment({ contextName: 'a b' }, 10).options).toEqual(['--contextName', 'a b']);
});
