import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..');

/** Packs this package as it would be published; returns the path of the tarball. */
export function packPackage(folder: string): string {
  const output = execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
    cwd: repository,
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(output) as [{ filename: string }];
  return join(folder, packed.filename);
}

/** MikroORM packages by their short names, at the version that this repository is developed with. */
export function mikroOrm(...names: string[]): string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return names.map(name => `@mikro-orm/${name}@${devDependencies['@mikro-orm/core']}`);
}
