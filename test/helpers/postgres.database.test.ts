import { expect, it } from 'vitest';
import { startPostgres } from './postgres.ts';

it('a server that does not start says why in one line', async () => {
  await expect(startPostgres({ settings: ['shared_buffers=much'] })).rejects.toThrow(
    /^PostgreSQL does not start: FATAL: +invalid value for parameter "shared_buffers": "much"$/,
  );
});
