import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts the server, visits it, has the visits counted by a request, and stops it. */
const server = spawn(process.execPath, ['src/server.ts'], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value: listening } = await lines.next();
  const { port } = JSON.parse(String(listening).replace('listening on ', ''));
  const url = `http://127.0.0.1:${port}`;
  await Promise.all(['/a', '/b', '/c'].map(async path => fetch(url + path).then(response => response.text())));
  const reports = await Promise.all([1, 2].map(async () => post(`${url}/run`)));
  console.log(JSON.stringify(reports.flat()));

  server.kill('SIGTERM');
  const [code] = await once(server, 'exit');
  assert.equal(code, 0);
  assert.equal((await lines.next()).value, 'stopped');
  console.log('stopped in order');
} finally {
  server.kill('SIGKILL');
}

async function post(address: string): Promise<unknown[]> {
  const response = await fetch(address, { method: 'POST' });
  return response.json() as Promise<unknown[]>;
}
