import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** A host application in a folder of its own outside this repository, gone when disposed of. */
export class FreshHost implements Disposable {
  readonly folder: string;
  /** What its commands see of the environment: not this repository's tools. */
  readonly env: NodeJS.ProcessEnv;
  readonly #paths: readonly string[];

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `mikro-orm-cron-${name}-`));
    // Scripts of npm put their own project's tools on the PATH; of those a host may use Node and nothing else.
    this.#paths = process.env['PATH']!.split(delimiter).filter(path => !path.includes('node_modules'));
    this.env = { ...process.env, INIT_CWD: this.folder };
    this.useNode(dirname(process.execPath));
  }

  /** Copies a folder's files into the host's. */
  copy(from: string): void {
    cpSync(from, this.folder, { recursive: true, filter: path => !path.includes('node_modules') });
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  remove(...names: string[]): void {
    for (const name of names) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
    }
  }

  /** Runs what follows with the Node of this folder, instead of the one that this script runs on. */
  useNode(folder: string): void {
    this.env['PATH'] = [folder, ...this.#paths].join(delimiter);
  }

  /** Installs packages into the host, or with none what its package.json lists. */
  install(...packages: string[]): void {
    this.run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...packages);
  }

  /**
   * Runs a command in the host and shows it.
   *
   * @returns what it printed, on both streams
   * @throws Error when it ends with another exit code than 0
   */
  run(command: string, ...args: string[]): string {
    return this.runTo(0, command, ...args);
  }

  /**
   * Runs a command that must end with this exit code, and shows it.
   *
   * @returns what it printed, on both streams
   * @throws Error when it ends with another one
   */
  runTo(code: number, command: string, ...args: string[]): string {
    console.log(`$ ${command} ${args.join(' ')}`);
    const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: this.env,
      maxBuffer: 64 * 1024 * 1024,
    });
    const output = `${stdout}${stderr}`;
    process.stdout.write(output);
    if (error || status !== code) {
      throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}`, { cause: error });
    }
    return output;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
