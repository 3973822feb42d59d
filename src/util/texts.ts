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
  '(?:[\\w.-]*(?:token|secret|passw(?:or)?d|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|signature|credential)[\\w.-]*|pass|pwd|sig|auth|key)';

const PLACES: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@, also with a password that nobody has percent-encoded. A port is no password.
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#@'"<>`]*:(?!\d{1,5}[/?#])[^\s'"<>`]*@/giu, '$1***@'],
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#@'"<>`]+@/giu, '$1***@'],
  // The same without the slashes: user:password@host, and a whole URL that somebody has forgotten them in.
  [/(?<![\w/.:@-])[\w.%+~-]+:(?!\/\/)[^\s/'"<>`]*@(?=[\w[])/gu, '***@'],
  // The whole query of a URL, whatever its values are called.
  [/(\bhttps?:\/\/[^\s?#'"<>`]*\?)[^\s'"<>`)]+/giu, '$1***'],
  [new RegExp(`([?&;]${SECRET_NAME}=)[^\\s&#;'"<>\`]+`, 'giu'), '$1***'],
  [/(\bauthorization["']?\s*[:=]\s*["']?)(?:[a-z]+\s+)?[^\s"',;}]+/giu, '$1***'],
  [/(\bBearer\s+)[\w+/=.~-]{8,}/gu, '$1***'],
];

/**
 * A text without what is secret by its place in it: user and password of URLs, their queries, tokens in headers. Every
 * text of ours that leaves the process goes through here. What is secret without showing it, such as the path of a
 * webhook, only its owner can take out.
 */
export function scrubSecrets(text: string): string {
  return PLACES.reduce((clean, [place, instead]) => clean.replaceAll(place, instead), text);
}
