import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CronPage } from './CronPageOptions.ts';

/**
 * The page as a listener of Node's requests, for Express, Fastify, NestJS and `http.createServer()`.
 *
 * @example
 * ```ts
 * app.use('/admin/cron', nodeListener(cronPage(orm, { basePath: '/admin/cron', authorize })));
 * ```
 */
export function nodeListener(page: CronPage): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    void answer(page, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

async function answer(page: CronPage, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = toRequest(incoming);
  if (!request) {
    outgoing.writeHead(400).end();
    return;
  }
  const response = await page(request, { incoming });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.from(await response.arrayBuffer()));
}

/** Without a body: the page reads none, and a parser of the host may have taken it. `undefined` for what is no request. */
function toRequest({ method = 'GET', url = '/', headers, socket }: IncomingMessage): Request | undefined {
  const scheme = 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  // A path of two slashes would be read as a host.
  const path = url.startsWith('/') ? url : '/';
  try {
    const pairs = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(':') || value === undefined ? [] : [[name, [value].flat().join(', ')] as [string, string]],
    );
    return new Request(`${scheme}://${headers.host ?? 'localhost'}${path}`, { method, headers: pairs });
  } catch {
    return undefined;
  }
}
