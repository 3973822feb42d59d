import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fenceProblem, type Problem } from './Page.ts';
import { ENTRIES } from './publicNames.ts';
import type { SnippetModule } from './snippetModule.ts';

/** Runs the snippets that are vitest tests, within the copy of the host that they were written into. */
export function runSnippetTests(modules: readonly SnippetModule[], host: string, repository: string): Problem[] {
  const tests = modules.filter(({ file }) => /\.test\.[cm]?[jt]s$/.test(file));
  if (tests.length === 0) {
    return [];
  }
  // The longest first: an alias serves whatever begins with it.
  const alias = Object.fromEntries(
    Object.entries(ENTRIES)
      .map(([entry, file]) => [entry, join(repository, file)] as const)
      .sort(([one], [other]) => other.length - one.length),
  );
  writeFileSync(join(host, 'vitest.config.mjs'), `export default ${JSON.stringify({ resolve: { alias } })};\n`);
  return tests.flatMap(({ file, fence }) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(repository, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', host, file],
      { cwd: host, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', VITEST: undefined } },
    );
    return status === 0 ? [] : [fenceProblem(fence, 0, `the test fails:\n${stdout}${stderr}`)];
  });
}
