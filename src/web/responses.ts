import { createHash } from 'node:crypto';
import type { Html } from './html.ts';

/** On every answer: nothing but the page's own style and script, in no frame, kept by nobody. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  vary: 'Accept, Cookie',
};

/** An answer with our headers. */
export function respond(body: string | null, status: number, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

export function respondText(text: string, status: number, headers: Record<string, string> = {}): Response {
  return respond(text, status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
}

/** A page, or 304 when the one who asks has it already. */
export function respondHtml(request: Request, { text }: Html, status: number): Response {
  return tagged(request, text, status, 'text/html; charset=utf-8');
}

export function respondJson(request: Request, value: unknown, status: number): Response {
  return tagged(request, `${JSON.stringify(value)}\n`, status, 'application/json; charset=utf-8');
}

/** To another page of ours, after something was done. */
export function redirect(path: string): Response {
  return respond(null, 303, { location: path });
}

function tagged(request: Request, body: string, status: number, type: string): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const known =
    request.headers
      .get('if-none-match')
      ?.split(/\s*,\s*/)
      .map(tag => tag.replace(/^W\//, '')) ?? [];
  return status === 200 && known.includes(etag)
    ? respond(null, 304, { etag })
    : respond(body, status, { 'content-type': type, etag });
}
