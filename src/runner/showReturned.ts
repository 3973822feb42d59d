import { inspect } from 'node:util';
import { UNPRINTABLE } from '../messageOf.ts';

/** What `do()` returned, as the log keeps it. A run does not fail because its result cannot be printed. */
export function showReturned(returned: unknown): string {
  if (returned === undefined || returned === null) {
    return '';
  }
  try {
    return typeof returned === 'string' ? returned : inspect(returned, { depth: 4, breakLength: 120 });
  } catch {
    return UNPRINTABLE;
  }
}
