import { messageOf } from '../util/thrown.ts';

/** An error's message without secrets, on one line. Causes and own fields are left out, since they may hold more. */
export function scrub(error: unknown, secrets: readonly string[]): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  const message = messageOf(error);
  const text = [message, cause].filter(part => part !== '').join(': ');
  return secrets
    .filter(secret => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}
