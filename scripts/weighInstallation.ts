import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FreshHost } from './FreshHost.ts';

/** The drivers of MikroORM and what they bring along: a host gets none but its own. */
const DRIVERS =
  /^@mikro-orm\/(postgresql|pglite|mysql|mariadb|sqlite|libsql|mssql|mongodb|oracledb)$|^(pg|mysql2|mariadb)$/;

/**
 * Installs the tarball into a host that has its MikroORM packages, and tells how many packages and bytes that adds:
 * our dependencies and theirs, and no driver.
 */
export function weighInstallation(host: FreshHost, tarball: string): void {
  const before = listPackages(host.folder);
  host.install(tarball);
  const added = [...listPackages(host.folder)].filter(([name]) => !before.has(name));
  const { dependencies } = JSON.parse(
    readFileSync(join(host.folder, 'node_modules', 'mikro-orm-cron', 'package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> };

  const strangers = added.filter(([name]) => DRIVERS.test(name));
  assert.deepEqual(strangers, [], "no driver comes in but the host's own");
  const absent = Object.keys(dependencies).filter(name => !existsSync(join(host.folder, 'node_modules', name)));
  assert.deepEqual(absent, [], 'every dependency is installed');

  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} kB`;
  const total = added.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(
    `mikro-orm-cron adds ${added.length} packages, ${kilobytes(total)}, to a host with its MikroORM packages:`,
  );
  for (const [name, bytes] of added.toSorted(([, a], [, b]) => b - a)) {
    console.log(`  ${kilobytes(bytes).padStart(9)}  ${name}`);
  }
}

/** Every installed package with the bytes of its own files. */
function listPackages(folder: string): Map<string, number> {
  const root = join(folder, 'node_modules');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const packages = new Map<string, number>();
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//.exec(path)?.[1];
    if (name !== undefined) {
      packages.set(name, (packages.get(name) ?? 0) + statSync(path).size);
    }
  }
  return packages;
}
