import { inspect } from 'node:util';
import { UNPRINTABLE } from '../messageOf.ts';

/** An error as the log keeps it: the full stack, every cause, and the errors within an AggregateError. Never throws. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error
      ? inspect(error, { depth: 4, maxStringLength: 20_000, breakLength: 120 })
      : `Thrown: ${typeof error === 'string' ? error : inspect(error, { depth: 4 })}`;
  } catch {
    return stackOf(error);
  }
}

/** An error may be hostile to being printed whole. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : `Thrown: ${UNPRINTABLE}`;
  } catch {
    return `Thrown: ${UNPRINTABLE}`;
  }
}
