import { inspect } from 'node:util';

/** An error as the log keeps it: the full stack, every cause, and the errors within an AggregateError. */
export function describeError(error: unknown): string {
  if (error instanceof Error) {
    // inspect() prints causes and own fields, but an error may be hostile to being printed.
    try {
      return inspect(error, { depth: 4, maxStringLength: 20_000, breakLength: 120 });
    } catch {
      return error.stack ?? `${error.name}: ${error.message}`;
    }
  }
  return `Thrown: ${typeof error === 'string' ? error : inspect(error, { depth: 4 })}`;
}
