import { inspect } from 'node:util';

/** What `do()` returned, as the log keeps it. */
export function showReturned(returned: unknown): string {
  if (returned === undefined || returned === null) {
    return '';
  }
  return typeof returned === 'string' ? returned : inspect(returned, { depth: 4, breakLength: 120 });
}
