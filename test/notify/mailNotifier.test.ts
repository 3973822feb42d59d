import { createTransport } from 'nodemailer';
import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { type MailSettings, verifyMail } from '../../src/index.ts';
import { composeNotification } from '../../src/notices/composeNotification.ts';
import { mailNotifier } from '../../src/notify/mailNotifier.ts';
import { noticeOf, NOW } from '../helpers/notices.ts';
import { startSmtp } from '../helpers/smtp.ts';
import { startTcp } from '../helpers/tcp.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'p@ss:w/rd ✓';

const admins = ['ops@example.com', 'Second Admin <second@example.org>'];

const settings = (transport: MailSettings['transport'], rest: Partial<MailSettings> = {}): MailSettings => ({
  transport,
  from: 'Cron <cron@example.com>',
  admins,
  ...rest,
});

const notification = () => composeNotification([noticeOf({})], { now: NOW, timeZone: 'Europe/Prague' });

const send = async (mail: MailSettings, signal: AbortSignal = AbortSignal.timeout(20_000)) =>
  mailNotifier(mail).notify(notification(), signal);

/** Takes users by name and password. */
const withUsers = {
  authOptional: false,
  authMethods: ['PLAIN', 'LOGIN'],
  onAuth: ({ username, password }, _, callback) =>
    callback(username === 'cron' && password === PASSWORD ? null : new Error('no'), { user: 'cron' }),
} satisfies SMTPServerOptions;

describe('a mail', () => {
  it('goes to all admins with subject, both bodies, and headers that nobody answers to', async () => {
    await using server = await startSmtp();
    await send(settings(server.url, { subjectPrefix: '[prod] ' }));
    const [mail, ...more] = server.mails();
    expect(more).toEqual([]);
    expect(mail!.recipients).toEqual(['ops@example.com', 'second@example.org']);
    expect(mail!.from!.text).toBe('"Cron" <cron@example.com>');
    expect(mail!.subject).toBe('[prod] billing.sync failed 10 times in a row!');
    expect(mail!.text).toContain('billing.sync failed 10 times in a row!');
    expect(mail!.text).toContain('Error: no connection');
    expect(mail!.html).toContain('<pre>Error: no connection</pre>');
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail!.headers.get('precedence')).toBe('bulk');
    expect(mail!.headers.get('x-auto-response-suppress')).toBe('All');
    expect(mail!.messageId).toMatch(/@/);
  });

  it('goes through TLS and a login, by a URL with an encoded password', async () => {
    await using server = await startSmtp({ ...withUsers, secure: true });
    const url = `smtps://cron:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}?tls.rejectUnauthorized=false`;
    expect(await verifyMail(settings(url))).toBe(`smtps://127.0.0.1:${server.port}`);
    await send(settings(url));
    expect(server.mails()).toHaveLength(1);
  });

  it('goes through STARTTLS and a login, by options', async () => {
    await using server = await startSmtp({ ...withUsers, disabledCommands: [] });
    const transport = {
      ...{ host: '127.0.0.1', port: server.port, requireTLS: true, tls: { rejectUnauthorized: false } },
      auth: { user: 'cron', pass: PASSWORD },
    };
    expect(await verifyMail(settings(transport))).toBe(`smtp://127.0.0.1:${server.port}`);
    await send(settings(transport));
    expect(server.mails()).toHaveLength(1);
  });

  it('does not go to a server whose certificate cannot be trusted', async () => {
    await using server = await startSmtp({ secure: true });
    await expect(send(settings(`smtps://127.0.0.1:${server.port}`))).rejects.toThrow(/certificate/);
    expect(server.mails()).toEqual([]);
  });

  it("goes by a Transporter of the host's own, which stays open", async () => {
    await using server = await startSmtp();
    const transporter = createTransport({ url: server.url, pool: true });
    await send(settings(transporter));
    await send(settings(transporter));
    expect(await verifyMail(settings(transporter))).toBe("the host's own Transporter");
    expect(server.mails()).toHaveLength(2);
    transporter.close();
  });

  it('says which recipients the server refused when it took others', async () => {
    await using server = await startSmtp({
      onRcptTo: ({ address }, _, callback) =>
        callback(
          address === 'ops@example.com' ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null,
        ),
    });
    expect(await send(settings(server.url))).toBe('mail: the server refused ops@example.com');
    expect(server.mails()[0]!.recipients).toEqual(['second@example.org']);
  });
});

describe('a mail that cannot be sent', () => {
  it.each([
    ['refuses every recipient', { onRcptTo: refuse }, /relaying denied/],
    ['refuses the sender', { onMailFrom: refuse }, /relaying denied/],
    ['refuses the mail itself', { onData: refuseData }, /looks like spam/],
  ])('is an error in one line when the server %s', async (_, options, message) => {
    await using server = await startSmtp(options);
    await expect(send(settings(server.url))).rejects.toThrow(message);
    await expect(send(settings(server.url))).rejects.toThrow(
      /^mail by smtp:\/\/127\.0\.0\.1:\d+ could not be sent: [^\n]+$/,
    );
  });

  it('is an error when nobody listens', async () => {
    await expect(send(settings('smtp://127.0.0.1:1'))).rejects.toThrow(/ECONNREFUSED/);
    await expect(verifyMail(settings('smtp://127.0.0.1:1'))).rejects.toThrow(
      /^cron\(\{ mail\.transport \}\): smtp:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED.*$/,
    );
  });

  it('is an error when the server drops the connection in mid-mail', async () => {
    await using server = await startTcp(socket => {
      socket.write('220 hello\r\n');
      socket.on('data', chunk => {
        if (/^DATA/m.test(String(chunk))) {
          socket.removeAllListeners('data').write('354 go on\r\n');
          socket.once('data', () => socket.destroy());
        } else {
          socket.write('250 ok\r\n');
        }
      });
    });
    await expect(send(settings(`smtp://127.0.0.1:${server.port}`))).rejects.toThrow(/could not be sent: /);
  });

  it.each([
    ['never greets', () => undefined],
    ['greets and falls silent', (socket: { write(text: string): unknown }) => socket.write('220 hello\r\n')],
  ])('ends with the signal when the server %s, and leaves no connection', async (_, behave) => {
    await using server = await startTcp(behave);
    const startedAt = performance.now();
    const reason = new DOMException('Timed out after 0.3 s', 'TimeoutError');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 300);
    await expect(send(settings(`smtp://127.0.0.1:${server.port}`), abort.signal)).rejects.toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await until('the connection is closed', async () => server.open() === 0, 5);
  });

  it('ends by itself when the server falls silent and the transport says how long to wait', async () => {
    await using server = await startTcp(() => undefined);
    const transport = { host: '127.0.0.1', port: server.port, greetingTimeout: 200 };
    await expect(send(settings(transport))).rejects.toThrow(/Greeting never received/);
    await expect(verifyMail(settings({ ...transport, greetingTimeout: 5_000 }), 0.2)).rejects.toThrow(/timeout/);
  });

  it('never shows a password, even when the server repeats it', async () => {
    await using server = await startSmtp({
      ...withUsers,
      disabledCommands: [],
      onAuth: ({ username, password }, _, callback) => {
        const [alone, plain] = [password!, `\0${username}\0${password}`].map(text =>
          Buffer.from(text).toString('base64'),
        );
        callback(new Error(`no ${password} or ${alone} or AUTH PLAIN ${plain} or Wrong%20pass`));
      },
    });
    const tls = { tls: { rejectUnauthorized: false } };
    const transports = [
      { host: '127.0.0.1', port: server.port, auth: { user: 'cron', pass: 'Wrong pass' }, ...tls },
      { url: `smtp://cron:Wrong%20pass@127.0.0.1:${server.port}`, ...tls },
      `smtp://cron:Wrong%20pass@127.0.0.1:${server.port}?tls.rejectUnauthorized=false`,
    ];
    for (const transport of transports) {
      for (const attempt of [async () => send(settings(transport)), async () => verifyMail(settings(transport))]) {
        const error: unknown = await attempt().catch((caught: unknown) => caught);
        expect(String(error)).toContain('***');
        expect(JSON.stringify([String(error), error])).not.toMatch(/Wrong|V3Jvbmc|AGNyb24A/);
      }
    }
  });
});

function refuse(_address: unknown, _session: unknown, callback: (error: Error) => void): void {
  callback(Object.assign(new Error('relaying denied'), { responseCode: 550 }));
}

function refuseData(stream: NodeJS.ReadableStream, _session: unknown, callback: (error: Error) => void): void {
  stream.resume();
  stream.on('end', () => callback(Object.assign(new Error('looks like spam'), { responseCode: 554 })));
}

describe('a password', () => {
  const login = (passwords: string[]): SMTPServerOptions => ({
    ...withUsers,
    allowInsecureAuth: true,
    onAuth: ({ password }, _, callback) => {
      passwords.push(String(password));
      callback(null, { user: 'cron' });
    },
  });

  it.each([
    ['a URL', (port: number) => `smtp://cron:sEcReT@127.0.0.1:${port}`],
    ['options', (port: number) => ({ host: '127.0.0.1', port, auth: { user: 'cron', pass: 'sEcReT' } })],
    ['a URL in options', (port: number) => ({ url: `smtp://cron:sEcReT@127.0.0.1:${port}` })],
  ])('in %s does not go to a server without STARTTLS, unless that is asked for', async (_, transport) => {
    const passwords: string[] = [];
    await using server = await startSmtp(login(passwords));
    await expect(send(settings(transport(server.port)))).rejects.toThrow(
      /a password is sent encrypted only: use smtps/,
    );
    expect(passwords).toEqual([]);
    expect(server.mails()).toEqual([]);
    const asked = transport(server.port);
    await send(settings(typeof asked === 'string' ? `${asked}?requireTLS=false` : { ...asked, requireTLS: false }));
    expect(passwords).toEqual(['sEcReT']);
  });

  it('of a proxy is not shown', async () => {
    const transport = { host: '127.0.0.1', port: 1, proxy: 'http://me:sEcReT@127.0.0.1:1/' };
    const error: unknown = await send(settings(transport)).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error])).not.toContain('sEcReT');
    const { openTransport } = await import('../../src/notify/openTransport.ts');
    using opened = await openTransport(settings(transport));
    expect(opened.explain(new Error('proxy says: no sEcReT'))).toBe('proxy says: no ***');
  });
});
