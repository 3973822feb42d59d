import { join } from 'node:path';
import { FreshHost } from './FreshHost.ts';
import { mikroOrm, packPackage } from './packPackage.ts';

/**
 * Compiles a small host against the packed tarball's declarations with each supported TypeScript, as an ES module, for a
 * bundler and as CommonJS; declarations are looked into as well (`skipLibCheck: false`).
 */
const versions = ['5.8.3', '5.9.3', '6.0.3', '7.0.2'];

using host = new FreshHost('types');
host.write('package.json', JSON.stringify({ name: 'host', private: true, type: 'module' }));
host.copy(join(import.meta.dirname, 'typeVersions'));
host.install(
  packPackage(host.folder),
  ...mikroOrm('core', 'cli', 'migrations', 'mariadb'),
  // MikroORM's own declarations name it.
  '@types/node@24',
  ...versions.map(version => `typescript-${version}@npm:typescript@${version}`),
);
for (const version of versions) {
  const compiler = join('node_modules', `typescript-${version}`, 'bin', 'tsc');
  for (const project of ['esm', 'bundler', 'exact']) {
    host.run('node', compiler, '--project', `tsconfig.${project}.json`);
  }
}
console.log(`The declarations compile with TypeScript ${versions.join(', ')}.`);
