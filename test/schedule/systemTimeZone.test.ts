import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('../../src/schedule/systemTimeZone.ts', import.meta.url));

/** What a process with this TZ takes for its zone, or its refusal. */
function zoneWith(TZ: string | undefined): string {
  const program = `import(${JSON.stringify(MODULE)}).then(m => { try { return m.systemTimeZone(); } catch (e) { return e.message; } }).then(console.log)`;
  return execFileSync(process.execPath, ['-e', program], { env: { ...process.env, TZ }, encoding: 'utf8' }).trim();
}

describe('the system zone', () => {
  it.each([
    ['', 'UTC'],
    ['Europe/Prague', 'Europe/Prague'],
    [':Europe/Prague', 'Europe/Prague'],
    ['/usr/share/zoneinfo/Europe/Prague', 'Europe/Prague'],
    ['utc', 'UTC'],
    ['Etc/GMT+3', 'Etc/GMT+3'],
  ])('by TZ=%j is %s', (TZ, zone) => {
    expect(zoneWith(TZ)).toBe(zone);
  });

  it.each(['CET-1CEST', 'Foo/Bar', '<+03>-3', '+03:00', ' ', 'Europe/Prague ', '/etc/localtime'])(
    'by TZ=%j is refused, naming TZ',
    TZ => {
      expect(zoneWith(TZ)).toBe(
        `TZ: ${JSON.stringify(TZ)} is not the name of a time zone; set TZ to an IANA time zone such as 'Europe/Prague', or set timeZone in cron()`,
      );
    },
  );
});
