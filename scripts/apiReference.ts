import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Writes the API reference into docs/api from the docstrings of the public exports; with `--check` says whether the
 * committed one is theirs, and changes nothing. Fails on an export without a docstring and on a broken link.
 */
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const tool = join(import.meta.dirname, 'apiReference');
const committed = join(import.meta.dirname, '..', 'docs', 'api');

if (!existsSync(join(tool, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tool, stdio: 'inherit' });
}
const out = values.check ? mkdtempSync(join(tmpdir(), 'mikro-orm-cron-api-')) : committed;
try {
  execFileSync('npx', ['--no-install', 'typedoc', '--options', 'typedoc.json', '--out', out], {
    cwd: tool,
    stdio: 'inherit',
  });
  if (values.check) {
    compare(readPages(committed), readPages(out));
  }
} finally {
  if (values.check) {
    rmSync(out, { recursive: true });
  }
}

function readPages(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return new Map(
    names.filter(name => name.endsWith('.md')).map(name => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

function compare(present: Map<string, string>, wanted: Map<string, string>): void {
  const pages = [...new Set([...present.keys(), ...wanted.keys()])];
  const stale = pages.filter(page => present.get(page) !== wanted.get(page));
  if (stale.length > 0) {
    console.error(`docs/api: ${stale.join(', ')} differ from the docstrings; run npm run docs:api and commit`);
    process.exitCode = 1;
  } else {
    console.log(`docs/api agrees with the docstrings (${pages.length} pages).`);
  }
}
