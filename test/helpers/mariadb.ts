import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './postgres.ts';
import { refuseInUnit } from './refuseInUnit.ts';
import { until } from './until.ts';

/** A real MariaDB server of a test file's own. */
export interface MariaDbServer extends AsyncDisposable {
  /** URL of the server without a database name. */
  readonly url: string;
}

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

/** Starts `mariadbd` in a directory of its own, on a free port, in a session zone and with a charset that are nobody's. */
export async function startMariaDb(): Promise<MariaDbServer> {
  refuseInUnit('MariaDB');
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-mariadb-'));
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  // Its temporary tables are named by a counter: two servers that share a directory delete each other's.
  await mkdir(`${directory}/tmp`);
  const data = ['--no-defaults', `--datadir=${directory}/data`, `--tmpdir=${directory}/tmp`, ...user];
  await promisify(execFile)('mariadb-install-db', [
    ...data,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const server = spawn(
    'mariadbd',
    [
      ...data,
      ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${directory}/socket`, `--pid-file=${directory}/pid`],
      ...['--default-time-zone=+12:45', '--character-set-server=latin1', '--max-connections=300'],
      ...['--innodb-flush-log-at-trx-commit=0', '--skip-log-bin', '--innodb-buffer-pool-size=64M'],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise(resolve => server.once('exit', resolve));
  await until('MariaDB takes connections', () => canConnect(port));
  return {
    url: `mysql://root@127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
