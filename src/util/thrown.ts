import { inspect } from 'node:util';
import { describeThrown, isDescribed, UNPRINTABLE } from './describeThrown.ts';
import { scrubSecrets } from './texts.ts';

/** What a thrown value says of itself, without secrets. Never throws: anything can be thrown, also what cannot be made a text. */
export function messageOf(thrown: unknown): string {
  try {
    return scrubSecrets(String(thrown instanceof Error ? thrown.message || thrown.name : thrown));
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
    return scrubSecrets(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
  } catch {
    return UNPRINTABLE;
  }
}

/**
 * An error as the log keeps it: the stack, every cause, the errors within an AggregateError, and the few fields that say
 * what went wrong without saying with what: an HTTP client's error carries headers and bodies. Never throws.
 */
export function describeError(error: unknown): string {
  try {
    return scrubSecrets(describeThrown(error));
  } catch {
    return stackOf(error);
  }
}

/** Describes errors as a host does, and as `describeError()` where that gives no text. */
export function describeBy(host: (error: unknown) => unknown): (error: unknown) => string {
  return error => {
    // What was thrown in another process was described there, by the same host.
    if (!isDescribed(error)) {
      try {
        const text = host(error);
        if (typeof text === 'string') {
          return text;
        }
      } catch {
        // The run's own error is the one to report.
      }
    }
    return describeError(error);
  };
}

/** An error may be hostile to being described. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error
      ? scrubSecrets(error.stack ?? `${error.name}: ${error.message}`)
      : `Thrown: ${UNPRINTABLE}`;
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
