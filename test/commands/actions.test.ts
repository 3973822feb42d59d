import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { checkHost } from '../../src/commands/check/checkHost.ts';
import { installHost } from '../../src/commands/install/installHost.ts';
import { memoryOutput } from '../helpers/output.ts';

const config = [fileURLToPath(new URL('../fixtures/host/mikro-orm.config.ts', import.meta.url))];

vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere');

it('an action runs without a process: it gets options and an output, and gives its exit code', async () => {
  const { out, stdout, stderr } = memoryOutput();
  expect(await checkHost({ config, offline: true, mail: true, json: false }, out)).toBe(1);
  expect(stdout.written).toContain('✘ mail       cron() has no setting mail');
  expect(stderr.written).toBe('');
});

it('an action prints JSON to the same output', async () => {
  const { out, stdout } = memoryOutput({ json: true });
  expect(await installHost({ config, forms: ['crontab'], json: true }, out)).toBe(0);
  expect(JSON.parse(stdout.written)).toEqual({ crontab: expect.stringContaining('*/5 * * * *') });
});
