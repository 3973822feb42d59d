import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { CronLockError, CronSettingsError } from '../errors.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { Clock } from '../util/clock.ts';
import { isAlive } from '../util/isAlive.ts';
import { type OptionRule, readFunctionOptions } from '../util/options.ts';
import type { LockHolder } from './LockHolder.ts';
import type { LockBackend, LockLease, LockProvider } from './LockProvider.ts';

/** The content of a held lock's file. */
interface FileLockContent {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/**
 * A kernel lock on a file of the job's own.
 *
 * Taking: the file is opened, made when it is not there, and the kernel asked for an exclusive lock without waiting. The
 * kernel frees it when the holder closes the file or dies, however that comes about, so there is no lease, no heartbeat
 * and no clock. Files are never deleted: one who had opened a file before it was deleted would hold a lock that nobody
 * else can see. Nothing but a plain file of our own is opened, and no symbolic link followed, in a directory that nobody
 * else can write to.
 */
export class FileLock {
  readonly #code: string;
  readonly #directory: string;
  readonly #clock: Clock | undefined;
  #file: FileHandle | undefined;

  constructor(code: string, directory: string, clock: Clock | undefined) {
    this.#code = code;
    this.#directory = directory;
    this.#clock = clock;
  }

  async lock(): Promise<boolean> {
    // Loaded here, since only hosts with this lock need it.
    const { default: native } = await import('fs-native-extensions');
    await this.#prepareDirectory();
    const file = await this.#open(constants.O_RDWR | constants.O_CREAT);
    try {
      checkFile(await file!.stat(), this.#path);
      if (!native.tryLock(file!.fd)) {
        await file!.close();
        return false;
      }
      const content: FileLockContent = {
        host: hostname(),
        pid: process.pid,
        since: (this.#clock?.now() ?? new Date()).toISOString(),
      };
      await file!.truncate();
      await file!.write(`${JSON.stringify(content)}\n`, 0);
    } catch (error) {
      await file!.close();
      throw error;
    }
    this.#file = file;
    return true;
  }

  async release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      // While it is still ours: closing frees the lock.
      await file?.truncate();
    } finally {
      await file?.close();
    }
  }

  async holder(): Promise<LockHolder | null> {
    const file = await this.#open(constants.O_RDONLY);
    if (!file) {
      return null;
    }
    try {
      checkFile(await file.stat(), this.#path);
      const text = await file.readFile('utf8');
      return holderOf(text);
    } finally {
      await file.close();
    }
  }

  /** A directory that is not there yet is made when the first lock is taken. */
  async probe(): Promise<void> {
    try {
      checkDirectory(await lstat(this.#directory), this.#directory);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw this.#unusable(cause);
      }
    }
  }

  /** The job's file: a name for people, and a hash that keeps every code apart, whatever is in it. */
  get #path(): string {
    const name = this.#code.replaceAll(/[^\w.-]/g, '_');
    const hash = createHash('sha256').update(this.#code).digest('hex').slice(0, 16);
    return join(this.#directory, `${name}.${hash}.lock`);
  }

  async #open(flags: number): Promise<FileHandle | undefined> {
    try {
      // Not to block: to open a planted pipe would wait for its other end.
      return await open(this.#path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        return undefined;
      }
      const why = code === 'ELOOP' ? 'it is a symbolic link' : (cause as Error).message;
      throw new CronLockError(`FileLock: ${this.#path} cannot be opened: ${why}`, { cause, jobCode: this.#code });
    }
  }

  async #prepareDirectory(): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      checkDirectory(await lstat(this.#directory), this.#directory);
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  #unusable(cause: unknown): CronLockError {
    return cause instanceof CronLockError
      ? cause
      : new CronLockError(`FileLock: the directory ${this.#directory} cannot be used: ${(cause as Error).message}`, {
          cause,
          jobCode: this.#code,
        });
  }
}

function checkDirectory(stats: Stats, directory: string): void {
  const wrong = !stats.isDirectory()
    ? 'it is not a directory'
    : isOthers(stats)
      ? 'it belongs to another user'
      : (stats.mode & 0o022) !== 0
        ? 'others can write to it'
        : undefined;
  if (wrong) {
    throw new CronLockError(
      `FileLock: the directory ${directory} cannot be used: ${wrong}; it must belong to the user who runs the jobs, and nobody else may have write access`,
    );
  }
}

function checkFile(stats: Stats, path: string): void {
  if (!stats.isFile() || isOthers(stats) || stats.nlink !== 1) {
    throw new CronLockError(`FileLock: ${path} is not a regular file of this user; remove it`);
  }
}

function isOthers({ uid }: Stats): boolean {
  return process.getuid !== undefined && uid !== process.getuid();
}

/** A holder that was killed has left its content behind, but not its lock. */
function holderOf(text: string): LockHolder | null {
  try {
    const { host, pid, since } = JSON.parse(text) as FileLockContent;
    return host === hostname() && !isAlive(pid) ? null : { host, pid, since: new Date(since), until: null };
  } catch {
    // Empty is free; half a line is being written this very moment.
    return null;
  }
}

/** Options of `fileLock()`. */
export interface FileLockOptions {
  /** The directory. @default the setting `lockFilePath`, else a private directory in the system's temp */
  readonly directory?: string;
}

const fileLockRules: Record<keyof FileLockOptions, OptionRule> = {
  directory: {
    allowed: 'the path of a directory',
    isAllowed: value => typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value),
  },
};

/**
 * Kernel locks on files: for a single machine, with nothing to wait for after a crash.
 *
 * @throws CronSettingsError when an option is unknown or not allowed.
 */
export function fileLock(options: FileLockOptions = {}): LockBackend {
  const { directory } = readFunctionOptions<FileLockOptions>(
    'fileLock()',
    options,
    fileLockRules,
    message => new CronSettingsError(message),
  );
  return {
    open: (_, { lockFilePath, clock }) => new FileLocks(directory ?? lockFilePath ?? defaultDirectory(), clock),
  };
}

/** Kernel locks on the files of one directory, one a job. */
class FileLocks implements LockProvider {
  readonly name = 'fileLock()';
  readonly #directory: string;
  readonly #clock: Clock | undefined;

  constructor(directory: string, clock: Clock | undefined) {
    this.#directory = directory;
    this.#clock = clock;
  }

  async acquire(job: CronJobBase): Promise<LockLease | null> {
    const lock = this.#lockOf(job);
    return (await lock.lock()) ? { release: async () => lock.release() } : null;
  }

  async holders(jobs: readonly CronJobBase[]): Promise<ReadonlyMap<string, LockHolder | null>> {
    const ask = async (job: CronJobBase): Promise<[string, LockHolder | null]> => [
      job.code,
      await this.#lockOf(job).holder(),
    ];
    return new Map(await Promise.all(jobs.map(ask)));
  }

  async probe(jobs: readonly CronJobBase[]): Promise<void> {
    await Promise.all(jobs.map(async job => this.#lockOf(job).probe()));
  }

  #lockOf({ code }: CronJobBase): FileLock {
    return new FileLock(code, this.#directory, this.#clock);
  }
}

/** A directory in the system's temp that is this user's alone. */
export function defaultDirectory(): string {
  const user = process.getuid?.() ?? userInfo().username;
  return join(tmpdir(), `mikro-orm-cron-${user}`);
}
