import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCoverage, coverages } from './docs/checkCoverage.ts';
import { checkPages } from './docs/checkPages.ts';
import { parsePage } from './docs/parsePage.ts';

/**
 * Holds README.md, CONTRIBUTING.md and docs/*.md against reality: code is compiled, commands are parsed, SQL is run,
 * links and quoted messages are looked up, and what the code has must be named. Ends with 1 when anything is not so.
 */
const repository = join(import.meta.dirname, '..');
const paths = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: repository }).sort()];
const pages = paths.map(path => parsePage(path, readFileSync(join(repository, path), 'utf8')));

const { problems, counts } = await checkPages(pages, repository);
const wanted = await coverages();
const all = [...problems, ...checkCoverage(pages, wanted)];
console.log(`${pages.length} pages`);
for (const count of [
  ...counts,
  ...wanted.map(({ kind, names, path }) => `${names.length} names (${kind}) in ${path}`),
]) {
  console.log(`  ${count}`);
}
for (const { path, line, text } of all) {
  console.error(`${path}:${line} ${text}`);
}
process.exitCode = all.length > 0 ? 1 : 0;
