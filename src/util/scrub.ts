import { oneLine, scrubSecrets } from './texts.ts';
import { messageOf } from './thrown.ts';

/** An error's message without secrets, on one line. Own fields are left out, since they may hold more. */
export function scrub(error: unknown, secrets: readonly string[]): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  const text = [messageOf(error), cause].filter(part => part !== '').join(': ');
  const clean = secrets
    .filter(secret => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  return oneLine(scrubSecrets(clean), 1_000);
}
