import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '..');

/** The order of CONTRIBUTING.md. */
const FOLDERS = [
  'util',
  'terminal',
  'schedule',
  'database',
  'history',
  'job',
  'lock',
  'state',
  'claim',
  'events',
  'notify',
  'settings',
  'host',
  'queue',
  'runner',
  'notices',
  'testing',
  'web',
  'nestjs',
  'otel',
  'commands',
];

describe('the import rules', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mikro-orm-cron-lint-'));
    cpSync(join(repository, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Lints these files with the repository's rules; gives what is refused, as 'file: rule'. */
  async function lint(files: Record<string, string>): Promise<string[]> {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const oxlint = join(repository, 'node_modules', '.bin', 'oxlint');
    const run = promisify(execFile)(oxlint, ['--format', 'json', '.'], { cwd: folder });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
    return diagnostics.map(({ filename, code }) => `${filename}: ${code}`).toSorted();
  }

  it('refuse each import of a folder from one above it, a type import too, and allow each other one', async () => {
    const files: Record<string, string> = {};
    const refused: string[] = [];
    for (const [at, room] of FOLDERS.entries()) {
      files[`src/${room}/Thing.ts`] = 'export interface Thing {\n  readonly name: string;\n}\n';
      for (const [of, other] of FOLDERS.entries()) {
        if (other !== room) {
          const name = `src/${room}/uses_${other}.ts`;
          files[name] = `import type { Thing } from '../${other}/Thing.ts';\n\nexport type Used = Thing;\n`;
          refused.push(...(of > at ? [`${name}: eslint(no-restricted-imports)`] : []));
        }
      }
    }
    expect(await lint(files)).toEqual(refused.toSorted());
  });

  it('refuse an upward import from a deeper folder, and any import of a door', async () => {
    const text = (from: string) => `import type { Thing } from '${from}';\n\nexport type Used = Thing;\n`;
    expect(
      await lint({
        'src/runner/parts/upward.ts': text('../../commands/list/Thing.ts'),
        'src/commands/list/door.ts': text('../../index.ts'),
        'src/commands/list/downward.ts': text('../../runner/Thing.ts'),
      }),
    ).toEqual([
      'src/commands/list/door.ts: eslint(no-restricted-imports)',
      'src/runner/parts/upward.ts: eslint(no-restricted-imports)',
    ]);
  });

  it('refuse a circle of types', async () => {
    const text = (other: string) =>
      `import type { A } from './${other}.ts';\n\nexport type B = A;\nexport type A = 1;\n`;
    const refused = await lint({ 'src/job/one.ts': text('two'), 'src/job/two.ts': text('one') });
    expect(refused).toContain('src/job/one.ts: import(no-cycle)');
  });
});
