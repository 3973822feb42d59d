import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fs } from '@mikro-orm/core/fs-utils';
import { Migrator } from '@mikro-orm/migrations';
import type { DatabaseSchema } from '@mikro-orm/sql';

/** A table's name with a schema before it or without, in the quotes of any database. */
const named = (table: string) => `(?:[\`"\\\\]*\\w+[\`"\\\\]*\\.)?[\`"\\\\]*${table}\\b`;

const creates = (table: string) => `create table\\s+(?:if not exists\\s+)?${named(table)}`;

const CREATES_OUR_LOG = new RegExp(creates('cron_job_log'), 'i');

/** When a migration of the host's own does the same as a shipped one, by the beginning of that one's name. */
const SAME_AS: readonly (readonly [string, RegExp])[] = [
  ['CreateCronTables', CREATES_OUR_LOG],
  [
    'AddCronFences',
    new RegExp(
      `(?:${creates('cron_job_log')}|alter table\\s+${named('cron_job_log')}[^;\\n]*?\\badd\\b)[^;\\n]*?\\bfence\\b`,
      'i',
    ),
  ],
  ['AddCronState', new RegExp(creates('cron_job_state'), 'i')],
];

/** A migration file of the host's. */
export interface MigrationFile {
  readonly path: string;
  readonly text: string;
}

/** MikroORM's own Migrator, for its rules of where migrations and the snapshot belong. Asks no database. */
export class HostMigrations extends Migrator {
  /** Names of the migrations that the host lists in code; `null` when they are files. */
  get listed(): string[] | null {
    const list = this.options.migrationsList;
    return list ? list.map(item => (typeof item === 'function' ? item.name : (item.name ?? ''))) : null;
  }

  /** The host's migration files, of the sources as well as of the build. */
  async files(): Promise<MigrationFile[]> {
    await this.resolvePaths();
    const baseDir = this.config.get('baseDir');
    const folders = new Set([this.options.path, this.options.pathTs].filter(path => path !== undefined));
    const files: MigrationFile[] = [];
    for (const folder of [...folders].map(path => fs.absolutePath(path, baseDir))) {
      for (const name of fs.pathExists(folder) ? await readdir(folder) : []) {
        if (/\.[cm]?[jt]s$/.test(name) && !/\.d\.[cm]?ts$/.test(name)) {
          const path = join(folder, name);
          files.push({ path: fs.relativePath(path, process.cwd()), text: await readFile(path, 'utf8') });
        }
      }
    }
    return files;
  }

  /** Which of these shipped migrations the host neither lists nor has a file of. */
  async lacking(shipped: readonly string[]): Promise<string[]> {
    const texts = this.listed ?? (await this.files()).map(({ text }) => text);
    return shipped.filter(name => !texts.some(text => mentions(text, name)));
  }

  /** The host's files that re-export these shipped migrations. */
  async reExports(shipped: readonly string[]): Promise<MigrationFile[]> {
    return (await this.files()).filter(({ text }) => shipped.some(name => mentions(text, name)));
  }

  /** The host's own migration file that creates our tables, be it by accident; `undefined` when there is none. */
  async ownCreator(): Promise<MigrationFile | undefined> {
    return (await this.files()).find(({ text }) => CREATES_OUR_LOG.test(text));
  }

  /** The host's own migration file that does the same as one of these shipped ones, and that one. */
  async ownTwin(
    shipped: readonly string[],
  ): Promise<{ readonly own: MigrationFile; readonly twin: string } | undefined> {
    const files = await this.files();
    for (const [beginning, does] of SAME_AS) {
      const twin = shipped.find(name => name.startsWith(beginning));
      const own = files.find(({ text }) => does.test(text));
      if (twin !== undefined && own) {
        return { own, twin };
      }
    }
    return undefined;
  }

  /** What the next `migration:create` starts from; `undefined` when that is the database. */
  async snapshot(): Promise<DatabaseSchema | undefined> {
    return this.getSchemaFromSnapshot();
  }
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
