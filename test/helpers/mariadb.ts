import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './postgres.ts';
import { refuseInUnit } from './refuseInUnit.ts';
import { until } from './until.ts';

/** Why there is no MariaDB to test with; `undefined` when there is one. In CI it must be there. */
export function whyNoMariaDb(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = ['mariadbd', 'mariadb-install-db'].filter(
    name => !folders.some(folder => existsSync(join(folder, name))),
  );
  if (missing.length === 0) {
    return undefined;
  }
  const reason = `${missing.join(' and ')} not on PATH (Debian: apt-get install mariadb-server)`;
  if (process.env['CI']) {
    throw new Error(`MariaDB is not tested: ${reason}`);
  }
  return reason;
}

/**
 * The URL, without a database name, of the one MariaDB of a test run. The first file that needs it starts it, in this
 * directory; `endMariaDb()` ends it with the run.
 */
export async function sharedMariaDb(directory: string): Promise<string> {
  refuseInUnit('MariaDB');
  const own = join(directory, 'mariadb');
  const outcome = join(own, 'outcome');
  try {
    await mkdir(own);
  } catch {
    // Another file has begun to start it.
    await until('MariaDB is started', async () => existsSync(outcome), 60);
    const [url, reason] = JSON.parse(await readFile(outcome, 'utf8')) as [string, string?];
    if (reason) {
      throw new Error(reason);
    }
    return url;
  }
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}`;
  try {
    await startMariaDb(own, port);
    await writeOutcome(outcome, [url]);
  } catch (error) {
    const reason = `MariaDB does not start: ${error instanceof Error ? error.message : String(error)}`;
    await writeOutcome(outcome, [url, reason]);
    throw new Error(reason, { cause: error });
  }
  return url;
}

/** Ends the MariaDB of a test run, if one was started. */
export async function endMariaDb(directory: string): Promise<void> {
  const pid = await readFile(join(directory, 'mariadb', 'pid'), 'utf8').catch(() => undefined);
  if (pid !== undefined) {
    process.kill(Number(pid), 'SIGKILL');
  }
}

/** Whoever sees the file sees all of it. */
async function writeOutcome(path: string, outcome: [string, string?]): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(outcome));
  await rename(`${path}.new`, path);
}

/** Starts `mariadbd` on a port, in a session zone and with a charset that are nobody's. It outlives this process. */
async function startMariaDb(directory: string, port: number): Promise<void> {
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  // Its temporary tables are named by a counter: two servers that share a directory delete each other's.
  await mkdir(`${directory}/tmp`);
  const data = ['--no-defaults', `--datadir=${directory}/data`, `--tmpdir=${directory}/tmp`, ...user];
  await promisify(execFile)('mariadb-install-db', [
    ...data,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const log = `${directory}/log`;
  const server = spawn(
    'mariadbd',
    [
      ...data,
      ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${directory}/socket`, `--pid-file=${directory}/pid`],
      ...['--default-time-zone=+12:45', '--character-set-server=latin1', '--max-connections=300', `--log-error=${log}`],
      ...['--innodb-flush-log-at-trx-commit=0', `--log-bin=${directory}/binlog`, '--innodb-buffer-pool-size=64M'],
    ],
    { stdio: 'ignore', detached: true },
  );
  server.unref();
  await until('MariaDB takes connections', async () => {
    if (server.exitCode !== null) {
      const lines = (await readFile(log, 'utf8')).split('\n');
      throw new Error(lines.find(line => line.includes('[ERROR]')) ?? `it ended with ${server.exitCode}`);
    }
    return canConnect(port);
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
