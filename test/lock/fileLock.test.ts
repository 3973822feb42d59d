import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CronLockError } from '../../src/index.ts';
import { FileLock } from '../../src/lock/fileLock.ts';

describe('a file lock', () => {
  let parent: string;
  let directory: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-files-'));
    directory = join(parent, 'locks');
  });
  afterEach(async () => {
    await rm(parent, { recursive: true, force: true });
  });

  const lock = (code = 'a') => new FileLock(code, directory, undefined);

  it('makes a directory and a file that are nobody else’s, and tells in the file who holds it', async () => {
    const one = lock('my_app.job');
    await one.lock();
    const [name = ''] = await readdir(directory);
    expect(name).toMatch(/^my_app\.job\.[0-9a-f]{16}\.lock$/);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(directory, name), 'utf8'))).toMatchObject({ pid: process.pid });
    await one.release();
    expect(await readFile(join(directory, name), 'utf8')).toBe('');
  });

  it('is freed by the kernel when its holder is killed, and then names nobody', async () => {
    const holder = fork(fileURLToPath(new URL('../fixtures/locks/fileHolder.ts', import.meta.url)), [directory]);
    await once(holder, 'message');
    expect(await lock().lock()).toBe(false);
    expect(await lock().holder()).toMatchObject({ pid: holder.pid, until: null });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await lock().holder()).toBeNull();
    const next = lock();
    expect(await next.lock()).toBe(true);
    await next.release();
  });

  it('follows no symbolic link, and leaves what it points to alone', async () => {
    await mkdir(directory, { mode: 0o700 });
    await lock()
      .lock()
      .then(() => undefined);
    const [name = ''] = await readdir(directory);
    await rm(join(directory, name));
    const victim = join(parent, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, join(directory, name));
    await expect(lock().lock()).rejects.toThrow(/FileLock: .+ cannot be opened: it is a symbolic link/);
    expect(await readFile(victim, 'utf8')).toBe('precious');
  });

  it('refuses a directory to which others may write', async () => {
    await mkdir(directory);
    await chmod(directory, 0o777);
    await expect(lock().lock()).rejects.toThrow(
      /the directory .+ cannot be used: others can write to it; it must belong to the user who runs the jobs/,
    );
  });

  it('refuses a directory that is a symbolic link, or no directory at all', async () => {
    await mkdir(join(parent, 'elsewhere'), { mode: 0o700 });
    await symlink(join(parent, 'elsewhere'), directory);
    await expect(lock().lock()).rejects.toThrow(CronLockError);
    await expect(lock().lock()).rejects.toThrow(/it is not a directory/);
    await rm(directory);
    await writeFile(directory, '');
    await expect(lock().lock()).rejects.toThrow(/FileLock: the directory .+ cannot be used: /);
  });

  it('refuses a file with a second name', async () => {
    await lock().lock();
    const [name = ''] = await readdir(directory);
    const { link } = await import('node:fs/promises');
    await link(join(directory, name), join(parent, 'second'));
    await expect(lock().lock()).rejects.toThrow(/is not a regular file of this user; remove it/);
  });
});
