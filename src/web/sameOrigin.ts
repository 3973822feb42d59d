/**
 * Whether a request that changes something comes from a page of ours. The browser itself says so in `Sec-Fetch-Site`, which
 * no other site can set and no proxy needs to know; a browser without it sends the origin of the page.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) {
    return site === 'same-origin';
  }
  const origin = request.headers.get('origin');
  if (origin === null || !URL.canParse(origin)) {
    return false;
  }
  const { host } = new URL(origin);
  return host === (request.headers.get('host') ?? new URL(request.url).host);
}
