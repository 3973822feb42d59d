import { describe, expect, it } from 'vitest';
import { CronError } from '../../src/index.ts';
import { oneLine, scrubSecrets } from '../../src/util/texts.ts';
import { messageOf } from '../../src/util/thrown.ts';

describe('a text of ours shows no secret', () => {
  it.each([
    'postgresql://app:sEcReT@db.example.com:5432/app',
    'postgresql://app:sEc/ReT?x@db.example.com/app',
    'connect to mysql://sEcReT@db failed',
    'postgresql:app:sEcReT@db.example.com/app',
    'app:sEcReT@db.example.com',
    'redis://:sEcReT@localhost:6379/0',
    'smtp://cron:p%40sEcReT@mail.example.com refused',
    'GET https://hc-ping.com/x?sEcReT failed',
    'https://example.com/hook?team=1&k=sEcReT#x',
    '/hook?token=sEcReT&x=1',
    '/hook?access_token=sEcReT',
    '/hook?x=1&client_secret=sEcReT',
    '{"authorization":"Bearer sEcReT"}',
    'Authorization: Basic sEcReT',
    'bad header Bearer abc.sEcReT-123',
    "fetch 'https://user:sEcReT@example.com/' cannot be fetched",
  ])('%s', text => {
    expect(scrubSecrets(text)).not.toMatch(/sEc|ReT/);
    expect(new CronError(text).message).not.toMatch(/sEc|ReT/);
    expect(messageOf(new Error(text))).not.toMatch(/sEc|ReT/);
  });

  it.each([
    'mail to ops@example.com',
    'Error: mail by smtp://127.0.0.1:25 could not be sent: to Ops <ops@example.com>',
    'at file:///app/node_modules/.pnpm/pg@8.1.0/node_modules/pg/index.js:12:5',
    'at run (/app/node_modules/@mikro-orm/core/EntityManager.js:1:2)',
    'https://registry.example.com/@scope/name',
    'https://example.com:8443/a@b',
    "write new Schedule({ timeZone: 'Europe/Prague' })",
    'key=value in a text, author=me',
    'run 12: at 10:00:00, 5@once',
    'duplicate key value violates unique constraint "a_pkey"',
  ])('and leaves alone what is none: %s', text => {
    expect(scrubSecrets(text)).toBe(text);
  });

  it('takes no longer than linear time', () => {
    const started = performance.now();
    for (const piece of ['a:', 'a://', 'a:@', 'http://a?', '?token=', 'authorization:', 'a.b-c+', ':'.repeat(10)]) {
      scrubSecrets(piece.repeat(20_000));
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('one line', () => {
  it('is one, whatever is put in', () => {
    expect(oneLine(' a\r\n\tb\u0085c\u2028d\u001b[31m\u202ee ')).toBe('a b c d\\u001b[31m\\u202ee');
    expect(oneLine('x'.repeat(500))).toHaveLength(300);
    expect(oneLine('👍'.repeat(200)).isWellFormed()).toBe(true);
  });
});
