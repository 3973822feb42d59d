import { hostname, userInfo } from 'node:os';
import { oneLine } from '../util/texts.ts';

/** Characters of a name in a row. */
const LONGEST = 255;

/** Who acts unless another name is given: `user@host`. */
export function whoIsThis(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    // A user id without a name, as in some containers.
    user = String(process.getuid?.() ?? 'unknown');
  }
  return oneLine(`${user}@${hostname()}`, LONGEST);
}

/** A name or reason as a row keeps it: one line, without what separates values there. */
export function nameText(text: string): string {
  return oneLine(text, LONGEST);
}
