import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { webhookNotifier } from '../../src/index.ts';
import { composeNotification } from '../../src/notices/composeNotification.ts';
import { noticeOf, NOW } from '../helpers/notices.ts';

const SECRET = '/services/T000/B000/sEcReT';

async function startHttp(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => (body += chunk));
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const notification = composeNotification([noticeOf({})], { now: NOW, timeZone: 'UTC' });

const call = async (...parameters: Parameters<typeof webhookNotifier>) =>
  webhookNotifier(...parameters).notify(notification, AbortSignal.timeout(20_000));

describe('a webhook', () => {
  it('gets the notification as JSON', async () => {
    const seen: unknown[] = [];
    await using server = await startHttp((request, response, body) => {
      seen.push([request.method, request.url, request.headers['content-type'], request.headers['authorization']]);
      seen.push(JSON.parse(body));
      response.end('ok');
    });
    await call(`${server.origin}${SECRET}`, { headers: { Authorization: 'Bearer token' } });
    expect(seen).toEqual([
      ['POST', SECRET, 'application/json', 'Bearer token'],
      {
        subject: notification.subject,
        text: notification.text,
        notices: JSON.parse(JSON.stringify(notification.notices)),
        now: NOW.toISOString(),
      },
    ]);
  });

  it.each([
    ['answers 500', 500, {}, /: it answered 500$/],
    ['sends it elsewhere', 302, { Location: 'http://127.0.0.1:1/other' }, /redirect/],
  ])('that %s fails without its secret in the error', async (_, status, headers, message) => {
    await using server = await startHttp((_request, response) => response.writeHead(status, headers).end());
    const error: unknown = await call(`${server.origin}${SECRET}?key=sEcReT`).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(`webhook to ${server.origin} could not be called: `);
    expect(JSON.stringify([String(error), error])).not.toContain('sEcReT');
  });

  it('that does not answer fails after timeoutSeconds', async () => {
    await using server = await startHttp(() => undefined);
    await expect(call(server.origin, { name: 'pager', timeoutSeconds: 0.2 })).rejects.toThrow(
      /^pager to .* could not be called: The operation was aborted due to timeout$/,
    );
  });

  it('with user and password in its URL gets them as a header, and nobody else does', async () => {
    const seen: unknown[] = [];
    await using server = await startHttp((request, response) => {
      seen.push(request.headers.authorization, request.url);
      response.writeHead(500).end();
    });
    const url = server.origin.replace('//', '//me:p%40sEcReT@');
    const error: unknown = await call(`${url}/hook`).catch((caught: unknown) => caught);
    expect(seen).toEqual([`Basic ${Buffer.from('me:p@sEcReT').toString('base64')}`, '/hook']);
    expect(String(error)).toContain('it answered 500');
    expect(JSON.stringify([String(error), error])).not.toMatch(/sEcReT|c0VjUmVU/);
    await call(url, { headers: { authorization: 'Bearer mine' } }).catch(() => undefined);
    expect(seen[2]).toBe('Bearer mine');
  });

  it.each([
    { headers: { Authorization: 'Bearer\nsEcReT' } },
    { headers: { 'bad name': 'sEcReT' } },
    { headers: 'sEcReT' },
  ])('is refused with headers that fetch would refuse, without showing them: %j', options => {
    const open = () => webhookNotifier('https://example.com', options as never);
    expect(open).toThrow('webhookNotifier({ headers }): it is not allowed');
    expect(open).not.toThrow(/sEcReT/);
  });

  it('with a password in its URL, which fetch refuses, does not show it', async () => {
    const error: unknown = await call('http://me:sEcReT@127.0.0.1:1/').catch((caught: unknown) => caught);
    expect(String(error)).toContain('could not be called');
    expect(JSON.stringify([String(error), error])).not.toContain('sEcReT');
  });

  it('is refused at once when its URL or time-out is not allowed, without showing the URL', () => {
    expect(() => webhookNotifier('ftp://sEcReT')).toThrow(
      'webhookNotifier(url): it is not allowed; it must be an http or https URL',
    );
    expect(() => webhookNotifier('http://a', { timeoutSeconds: 0 })).toThrow(/0 is not allowed; it must be a number/);
  });
});
