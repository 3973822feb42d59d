import { inspect } from 'node:util';

/** Stands for a value that cannot be made a text. */
export const UNPRINTABLE = 'a value that cannot be printed';

/** What a thrown value says of itself. Never throws: anything can be thrown, also what cannot be made a text. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message || thrown.name : thrown);
  } catch {
    return UNPRINTABLE;
  }
}

/** The name of a thrown error; of anything else `Thrown`. Never throws. */
export function nameOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.name) : 'Thrown';
  } catch {
    return 'Thrown';
  }
}

/** The same with an error's name before it, as Node prints it. */
export function namedMessageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return UNPRINTABLE;
  }
}

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
