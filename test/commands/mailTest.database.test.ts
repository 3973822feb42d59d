import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { startSmtp } from '../helpers/smtp.ts';

const mail = { from: 'cron@example.com', admins: ['ops@example.com', 'b@example.com'], subjectPrefix: '[prod] ' };
const run = async (settings: object, ...args: string[]) =>
  runCli(['cron:mail-test', ...args], {
    DATABASE_URL: 'postgresql://127.0.0.1:1/x',
    CRON_SETTINGS: JSON.stringify(settings),
  });

describe('cron:mail-test', () => {
  it('sends a mail to the admins, without any database', async () => {
    await using server = await startSmtp();
    const { code, stdout, stderr } = await run({ mail: { ...mail, transport: server.url } });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'Sent to ops@example.com, b@example.com\n',
      stderr: '',
    });
    const [received] = server.mails();
    expect(received).toMatchObject({ subject: '[prod] Test mail of mikro-orm-cron', recipients: mail.admins });
    expect(received!.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('prints JSON, with what the server refused', async () => {
    await using server = await startSmtp({
      onRcptTo: ({ address }, _, callback) => callback(address === 'b@example.com' ? new Error('no such user') : null),
    });
    const { stdout } = await run({ mail: { ...mail, transport: server.url } }, '--json');
    expect(JSON.parse(stdout)).toEqual({ sentTo: mail.admins, note: 'mail: the server refused b@example.com' });
  });

  it.each([
    [{}, 'mikro-orm-cron: cron({ mail }): it is missing; give it { transport, from, admins }\n'],
    [
      { mail: { ...mail, transport: 'smtp://cron:sEcReT@127.0.0.1:1' } },
      'mikro-orm-cron: mail by smtp://127.0.0.1:1 could not be sent: connect ECONNREFUSED 127.0.0.1:1\n',
    ],
  ])('says in one line why it could not, with exit code 1: %j', async (settings, message) => {
    expect(await run(settings)).toMatchObject({ code: 1, stdout: '', stderr: message });
  });
});

describe('cron:check --mail', () => {
  const check = async (settings: object, ...args: string[]) => {
    const env = { DATABASE_URL: 'postgresql://127.0.0.1:1/x', CRON_SETTINGS: JSON.stringify(settings) };
    const { stdout } = await runCli(['cron:check', '--offline', ...args], env);
    return /^. mail.*(\n +→.*)?/m.exec(stdout)?.[0];
  };

  it('asks the mail server and sends nothing', async () => {
    await using server = await startSmtp();
    const settings = { mail: { ...mail, transport: server.url } };
    expect(await check(settings, '--mail')).toBe(
      `✔ mail       ${server.url} accepts mail; cron:mail-test sends a test mail`,
    );
    expect(server.connections()).toBe(1);
    expect(server.mails()).toEqual([]);
    expect(await check(settings)).toBeUndefined();
    expect(server.connections()).toBe(1);
  });

  it('finds what is wrong, without the password', async () => {
    expect(await check({}, '--mail')).toMatch(/^✘ mail {7}cron\(\) has no mail setting\n +→ set mail: \{ transport/);
    const found = await check({ mail: { ...mail, transport: 'smtp://cron:sEcReT@127.0.0.1:1' } }, '--mail');
    expect(found).toMatch(
      /^✘ mail {7}cron\(\{ mail\.transport \}\): smtp:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
    );
    expect(found).not.toContain('sEcReT');
  });
});
