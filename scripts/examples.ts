import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examples } from './exampleSteps.ts';
import { FreshHost } from './FreshHost.ts';
import { packPackage } from './packPackage.ts';

/**
 * Runs the apps of examples/ as their READMEs say, each in a folder of its own with the packed tarball installed:
 * `node scripts/examples.ts [names…]`.
 */
const folder = join(import.meta.dirname, '..', 'examples');
const names = readdirSync(folder);
assert.deepEqual(Object.keys(examples).toSorted(), names.toSorted(), 'every example has its steps');
const chosen = process.argv.length > 2 ? process.argv.slice(2) : names;

const tarballs = mkdtempSync(join(tmpdir(), 'mikro-orm-cron-tarball-'));
const seconds: Record<string, string> = {};
try {
  const tarball = packPackage(tarballs);
  for (const name of chosen) {
    console.log(`\n--- examples/${name}`);
    const startedAt = performance.now();
    runExample(name, tarball);
    seconds[name] = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  }
} finally {
  rmSync(tarballs, { recursive: true });
}
console.log(`\nEvery example runs from the packed tarball: ${JSON.stringify(seconds)}`);

function runExample(name: string, tarball: string): void {
  const steps = examples[name];
  assert(steps, `there is no examples/${name}`);
  using host = new FreshHost(name);
  host.copy(join(folder, name));
  for (const file of steps.manifests ?? ['package.json']) {
    const manifest = readFileSync(join(host.folder, file), 'utf8');
    host.write(file, manifest.replace(/("mikro-orm-cron": )"\d[^"]*"/, `$1"file:${tarball}"`));
  }
  for (const { run, prints } of steps.steps) {
    const [command, ...args] = run.split(' ');
    const output = host.run(command!, ...args);
    for (const expected of prints ?? []) {
      assert.match(output, expected, `${run} of examples/${name}`);
    }
  }
}
