/** Whether a value is an http(s) URL. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

/** A URL as `fetch` takes it, which refuses one with a user or password: these go into a header. */
export interface HttpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Scheme, host and port: all of it that may be shown. */
  readonly origin: string;
  /** What must not be shown, longest first. */
  readonly secrets: readonly string[];
}

/** Splits an http(s) URL into what is fetched and what is sent with it. */
export function httpTarget(given: string): HttpTarget {
  const url = new URL(given);
  const { origin, pathname, search, hash } = url;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const hasUser = username !== '' || password !== '';
  const secrets = [given, url.href, url.username, username, url.password, password, pathname, search, hash];
  url.username = url.password = '';
  return {
    url: url.href,
    headers: hasUser ? { Authorization: `Basic ${credentials}` } : {},
    origin,
    // A path of a letter or two is no secret, and would blot out the message.
    secrets: [...secrets, url.href, hasUser ? credentials : ''].filter(text => text.length > 3),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
