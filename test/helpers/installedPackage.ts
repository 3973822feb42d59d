import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { refuseInUnit } from './refuseInUnit.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What a command of a host said and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built package in a `node_modules` outside the repository, and hosts beside it that find it there. */
export interface InstalledPackage extends AsyncDisposable {
  /** Makes a host of these files, by path; a `package.json` comes by itself. */
  createHost(name: string, type: 'module' | 'commonjs', files: Record<string, string>): Promise<InstalledHost>;
}

/** A host in a directory of its own. */
export interface InstalledHost {
  readonly directory: string;
  /** Runs `mikro-orm-cron` or `mikro-orm` there. */
  run(bin: 'mikro-orm-cron' | 'mikro-orm', args: string[]): Promise<CommandResult>;
}

/** Builds the package as it is published, from the sources as they are now. */
export async function installPackage(): Promise<InstalledPackage> {
  refuseInUnit('the installed package');
  const root = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-hosts-'));
  const modules = join(root, 'node_modules');
  const own = join(modules, 'mikro-orm-cron');
  await mkdir(own, { recursive: true });
  for (const name of await readdir(join(REPOSITORY, 'node_modules'))) {
    await symlink(join(REPOSITORY, 'node_modules', name), join(modules, name));
  }
  await cp(join(REPOSITORY, 'package.json'), join(own, 'package.json'));
  const tsc = join(REPOSITORY, 'node_modules', '.bin', 'tsc');
  for (const [project, outDir] of [
    ['tsconfig.build.json', 'dist'],
    [join('migrations', 'tsconfig.json'), join('dist', 'migrations')],
  ] as const) {
    await promisify(execFile)(tsc, ['-p', join(REPOSITORY, project), '--outDir', join(own, outDir)]);
  }
  return {
    async createHost(name, type, files) {
      const directory = join(root, name);
      const dependencies = { '@mikro-orm/cli': '*', 'mikro-orm-cron': '*' };
      const all = { 'package.json': JSON.stringify({ name, type, dependencies }), ...files };
      for (const [path, text] of Object.entries(all)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), text);
      }
      const bins = {
        'mikro-orm-cron': join(own, 'dist', 'cli.js'),
        'mikro-orm': join(modules, '@mikro-orm', 'cli', 'cli.js'),
      };
      // MikroORM's own command takes a host for TypeScript as soon as it finds tsx, which is among our own packages.
      const isTypeScript = 'tsconfig.json' in files;
      const loader = isTypeScript ? {} : { MIKRO_ORM_CLI_PREFER_TS: '0' };
      return {
        directory,
        run: (bin, args) => run([bins[bin], ...args], directory, bin === 'mikro-orm' ? loader : {}),
      };
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

function run(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const options = { cwd, env: { ...process.env, NO_COLOR: '1', VITEST: undefined, ...env } };
  return new Promise(resolve => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
