import { expect, it } from 'vitest';
import { startCli } from './cli.ts';
import { createTestDatabase } from './database.ts';
import { sharedMariaDb } from './mariadb.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { startInTerminal } from './terminal.ts';

it.each([
  ['a database', createTestDatabase],
  ['PostgreSQL', startPostgres],
  ['MariaDB', async () => sharedMariaDb('/nowhere')],
  ['Redis', startRedis],
  ['a command', async () => startCli(['--version'])],
  ['a command', async () => startInTerminal(['--version'])],
])('%s cannot be had in a unit test', async (what, start) => {
  await expect(start()).rejects.toThrow(
    `${what} cannot be had in the project "unit": name the test file *.database.test.ts`,
  );
});
