/** Characters of a value or of somebody else's words that one of our own lines shows. */
const LINE_LENGTH = 300;

/** What changes a line or what stands beside it: controls, bidi marks, what has no width, halves of characters. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** A text whose hidden characters are shown: `\u009b`. */
export function showHidden(text: string): string {
  return text.replaceAll(UNSAFE, character => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** A text as part of one line: white space folded, hidden characters shown, cut at its end. */
export function oneLine(text: string, length = LINE_LENGTH): string {
  const line = showHidden(text.replaceAll(/[\s\u0085]+/gu, ' ').trim());
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`;
}

/** Names of values that are secret wherever they stand, in query strings above all. */
const SECRET_NAME =
  /token|secret|passw|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|signature|credential|^pwd$/i;

/** Those that mean something else outside of a query string. */
const SHORT_SECRET_NAME = /^(?:pass|sig|auth|key|code)$/i;

/**
 * A text without what is secret by its place in it: user and password of URLs, their queries, tokens in headers. Every
 * text of ours that leaves the process goes through here. What is secret without showing it, such as the path of a
 * webhook, only its owner can take out. Takes linear time, since jobs throw long texts.
 */
export function scrubSecrets(text: string): string {
  return text
    .replaceAll(/\b(authorization["']?\s{0,5}[:=]\s{0,5}["']?)(?:[a-z]{1,20}\s{1,5})?[^\s"',;}]+/giu, '$1***')
    .replaceAll(/\b(Bearer\s{1,5})[\w+/=.~-]{8,}/gu, '$1***')
    .replaceAll(/[^\s'"<>`]+/gu, scrubWord);
}

/** A piece of text without blanks and quotation marks: a URL, or part of one. */
function scrubWord(word: string): string {
  const slashes = word.indexOf('://');
  if (slashes === -1) {
    return scrubParameters(scrubUser(word));
  }
  const [scheme, rest] = [word.slice(0, slashes + 3), word.slice(slashes + 3)];
  const url = `${scheme}${scrubAuthority(rest)}`;
  const query = url.indexOf('?');
  return query !== -1 && /https?:\/\/$/i.test(scheme) ? `${url.slice(0, query)}?***` : scrubParameters(url);
}

/** What follows the slashes of a URL, without user and password, also one that nobody has percent-encoded. */
function scrubAuthority(rest: string): string {
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const colon = authority.indexOf(':');
  // A password may contain a slash; what stands before one as a number is a port.
  const isPort = colon === -1 || /^:\d{1,5}$/.test(authority.slice(colon));
  const at = (isPort ? authority : rest).lastIndexOf('@');
  return at === -1 ? rest : `***${rest.slice(at)}`;
}

/** The same where the slashes are missing: user:password@host, and a whole URL that somebody has forgotten them in. */
function scrubUser(word: string): string {
  const at = word.lastIndexOf('@');
  const colon = word.indexOf(':');
  if (at === -1 || colon === -1 || colon > at || !/[\w[]/.test(word.charAt(at + 1))) {
    return word;
  }
  const before = word.slice(0, colon);
  const user = before.slice(1 + Math.max(...['(', '[', '{', ',', ';', '|', '='].map(mark => before.lastIndexOf(mark))));
  return user.includes('/') || word.slice(colon, at).includes('/')
    ? word
    : `${before.slice(0, before.length - user.length)}***${word.slice(at)}`;
}

function scrubParameters(word: string): string {
  return word.includes('=')
    ? word.replaceAll(/(?<=[?&;]|^)([\w.-]{1,60})=[^&;#]+/gu, (whole, name: string, at: number) =>
        SECRET_NAME.test(name) || (at > 0 && SHORT_SECRET_NAME.test(name)) ? `${name}=***` : whole,
      )
    : word;
}
