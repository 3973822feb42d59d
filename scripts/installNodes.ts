import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FreshHost } from './FreshHost.ts';

/** The newest Node that the package is tried on. */
const NEWEST = '26.10.0';

/** A Node by its version, and the folder of its program. */
export interface Node {
  readonly version: string;
  readonly folder: string;
}

/** Installs the Nodes that a host is tried on into a folder: the oldest of `engines`, and the newest; and adds our own. */
export function installNodes(folder: FreshHost): Node[] {
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const oldest = engines.node.replace('>=', '');
  // The npm package of Node gets its program in an install script.
  folder.write('package.json', JSON.stringify({ name: 'nodes', private: true, allowScripts: { node: true } }));
  folder.install(...[oldest, NEWEST].map(version => `node-${version}@npm:node@${version}`));
  const installed = (version: string): Node => ({
    version,
    folder: join(folder.folder, 'node_modules', `node-${version}`, 'bin'),
  });
  return [installed(oldest), { version: process.versions.node, folder: dirname(process.execPath) }, installed(NEWEST)];
}
