import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './postgres.ts';
import { refuseInUnit } from './refuseInUnit.ts';
import { until } from './until.ts';

/** A real Redis server of a test file's own. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it at once; what it held is gone. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
}

/** Why there is no Redis to test with; `undefined` when there is one. In CI it must be there. */
export function whyNoRedis(): string | undefined {
  if (spawnSync('redis-server', ['--version']).error === undefined) {
    return undefined;
  }
  const reason = 'redis-server is not on PATH (Debian: apt-get install redis-server)';
  if (process.env['CI']) {
    throw new Error(`Redis is not tested: ${reason}`);
  }
  return reason;
}

/** Starts `redis-server` in a directory of its own, on a free port, keeping nothing on disk. */
export async function startRedis(): Promise<RedisServer> {
  refuseInUnit('Redis');
  const directory = await mkdtemp(join(tmpdir(), 'mikro-orm-cron-redis-'));
  const port = await freePort();
  let server: ReturnType<typeof spawn> | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      const flags = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        directory,
      ];
      const child = spawn('redis-server', flags, { stdio: 'ignore' });
      server = child;
      ended = new Promise(resolve => child.once('exit', resolve));
      await until('Redis takes connections', () => canConnect(port));
    },
    async stop() {
      server?.kill('SIGKILL');
      await ended;
    },
    async [Symbol.asyncDispose]() {
      await redis.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
