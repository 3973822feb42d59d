import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CLIHelper } from '@mikro-orm/cli';
import type { MigrationsOptions, MikroORM } from '@mikro-orm/core';
import { fs } from '@mikro-orm/core/fs-utils';
import { MigrationGenerator, Migrator } from '@mikro-orm/migrations';
import { dialectOf } from '../../database/dialectOf.ts';
import { CronError } from '../../errors.ts';
import { messageOf } from '../../util/thrown.ts';
import { HostMigrations } from './HostMigrations.ts';

/** Name of the package's entry with the migrations, by which an installed file is known. */
const ENTRY = 'mikro-orm-cron/migrations';

/** One migration as `cron:install` left it. */
export interface InstalledMigration {
  /** Name of the exported class. */
  readonly migration: string;
  /** The host's file, relative to the working directory. */
  readonly file: string;
  /** Whether the file was there already. */
  readonly wasThere: boolean;
}

/**
 * Puts a file with a one-line re-export of each shipped migration into the host's migrations folder, found and named as
 * `migration:create` does. A migration that some file there already re-exports is left alone, and no file is overwritten.
 *
 * @throws CronError when the host lists its migrations in code, saying what to add to the list, and when one of its own
 * creates the tables already.
 */
export async function installMigrations(orm: MikroORM): Promise<InstalledMigration[]> {
  const { migrations } = dialectOf(orm);
  if (orm.config.get('migrations').migrationsList) {
    throw new CronError(
      `cron:install: this host lists its migrations in migrations.migrationsList, so there is no folder for a file; ` +
        `add ${migrations.join(', ')} from '${ENTRY}' to the list`,
    );
  }
  const own = await new HostMigrations(orm.em as never).ownCreator();
  if (own) {
    throw new CronError(
      `cron:install: ${own.path}, a migration of your own, creates the tables already, so there is nothing to install; ` +
        'run `npx mikro-orm migration:up`, or delete its statements about cron_job_log, cron_job_lock and cron_job_state first if it has been run nowhere',
    );
  }
  return new Installer(orm.em as never).install(migrations);
}

/** MikroORM's own Migrator, for its rules of where migration files belong. */
class Installer extends Migrator {
  async install(migrations: readonly string[]): Promise<InstalledMigration[]> {
    await this.resolvePaths();
    const emit = this.#emit();
    const folder = fs.absolutePath(
      (emit === 'ts' && this.options.pathTs) || this.options.path || './migrations',
      this.config.get('baseDir'),
    );
    const installed: InstalledMigration[] = [];
    for (const [at, migration] of migrations.entries()) {
      const found = await findReExport(folder, migration);
      const file = found ?? (await this.#write(migration, folder, emit, at));
      installed.push({ migration, file: relative(process.cwd(), join(folder, file)), wasThere: found !== undefined });
    }
    return installed;
  }

  /** A host without TypeScript can do nothing with the 'ts' that is MikroORM's default. */
  #emit(): NonNullable<MigrationsOptions['emit']> {
    const isTypeScript =
      this.options.pathTs || fs.pathExists(fs.absolutePath('tsconfig.json', this.config.get('baseDir')));
    const emit = this.options.emit ?? 'ts';
    return emit === 'ts' && !isTypeScript ? (CLIHelper.isESM() ? 'js' : 'cjs') : emit;
  }

  /** @param seconds how much later than now its name says: files of one second would run in order of name */
  async #write(
    migration: string,
    folder: string,
    emit: NonNullable<MigrationsOptions['emit']>,
    seconds: number,
  ): Promise<string> {
    const nameOf = this.options.fileName;
    const fileName: typeof nameOf = nameOf && ((timestamp, name) => nameOf(later(timestamp, seconds), name));
    const options = { ...this.options, emit, ...(fileName && { fileName }) };
    const generator = new ReExportGenerator(this.driver, this.config.getNamingStrategy(), options, migration);
    try {
      const [, file] = await generator.generate({ up: [], down: [] }, folder, migration);
      return file;
    } catch (cause) {
      // Node names no path when a disk is full.
      throw new CronError(`cron:install: ${folder} cannot be written to: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Writes the re-export where MikroORM's generators write a migration. */
class ReExportGenerator extends MigrationGenerator {
  readonly #migration: string;

  constructor(
    driver: ConstructorParameters<typeof MigrationGenerator>[0],
    namingStrategy: ConstructorParameters<typeof MigrationGenerator>[1],
    options: MigrationsOptions,
    migration: string,
  ) {
    super(driver, namingStrategy, options);
    this.#migration = migration;
  }

  override generateMigrationFile(): string {
    const isCommonJs = this.options.emit === 'cjs' || (this.options.emit === 'js' && !CLIHelper.isESM());
    return isCommonJs
      ? `exports.${this.#migration} = require('${ENTRY}').${this.#migration};\n`
      : `export { ${this.#migration} } from '${ENTRY}';\n`;
  }
}

/** A time of MikroORM's file names, '20260301100000', so many seconds later. */
function later(timestamp: string, seconds: number): string {
  const iso = timestamp.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z');
  return new Date(Date.parse(iso) + seconds * 1_000).toISOString().replaceAll(/[-T:]|\.\d{3}Z$/g, '');
}

async function findReExport(folder: string, migration: string): Promise<string | undefined> {
  const files = fs.pathExists(folder) ? await readdir(folder) : [];
  for (const file of files.filter(name => /\.[cm]?[jt]s$/.test(name)).sort()) {
    const text = await readFile(join(folder, file), 'utf8');
    if (text.includes(ENTRY) && new RegExp(`\\b${migration}\\b`).test(text)) {
      return file;
    }
  }
  return undefined;
}
