import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FreshHost } from './FreshHost.ts';
import { allSteps, firstSteps, hostConfig, hostJob, type HostStep, isolatedJob } from './hostSteps.ts';
import { installNodes } from './installNodes.ts';
import { mikroOrm, packPackage } from './packPackage.ts';
import { weighInstallation } from './weighInstallation.ts';

/**
 * Does what a newcomer does with the published package: a fresh JavaScript host outside this repository, the packed
 * tarball installed into it, the migration installed and run, ticks. Then runs a tick on PGlite, and on SQLite every
 * command there is, on the oldest Node that may be, on ours and on the newest.
 */
using host = new FreshHost('packed');
host.write('package.json', JSON.stringify({ name: 'host', private: true, type: 'module' }));
host.install(...mikroOrm('core', 'cli', 'migrations', 'pglite'));
weighInstallation(host, packPackage(host.folder));
host.write('crons/Hello.js', hostJob);
host.write('mikro-orm.config.js', hostConfig('pglite'));
for (const step of firstSteps) {
  runStep(step, 'npx');
}

const commands = [...host.run('npx', 'mikro-orm-cron', '--help').matchAll(/^ {2}mikro-orm-cron (\w\S*) /gm)];
const untried = commands.filter(([, name]) => !allSteps.some(({ run }) => run.split(' ')[1] === name));
assert.deepEqual(untried, [], 'allSteps has every command');

using folder = new FreshHost('nodes');
const nodes = installNodes(folder);
for (const node of nodes) {
  host.useNode(node.folder);
  assert.equal(host.run('node', '--version').trim(), `v${node.version}`);
  runStep({ run: 'mikro-orm-cron runcrons --force', prints: /\[✔\] host\.hello/ });
}

host.install(...mikroOrm('sqlite'));
host.write('crons/Isolated.js', isolatedJob);
host.write('mikro-orm.config.js', hostConfig('sqlite'));
host.write('fileLock.config.js', hostConfig('sqlite', 'fileLock'));
for (const node of nodes) {
  host.useNode(node.folder);
  host.remove('data', 'migrations');
  for (const step of allSteps) {
    runStep(step);
  }
  console.log(`The packed tarball works in a fresh host on Node ${node.version}.\n`);
}

/** Runs a step by `npx`, or by the file that it would run, which is faster. */
function runStep({ run, prints, code = 0 }: HostStep, npx?: 'npx'): void {
  const [command, ...args] = run.split(' ');
  const output = npx
    ? host.run(npx, command!, ...args)
    : host.runTo(code, join('node_modules', '.bin', command!), ...args);
  assert.match(output, prints);
  assert.doesNotMatch(output, /\(node:\d+\)/, 'Node warns of nothing');
}
