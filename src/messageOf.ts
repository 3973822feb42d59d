/** Stands for a value that cannot be made a text. */
export const UNPRINTABLE = 'a value that cannot be printed';

/** What a thrown value says of itself. Never throws: anything can be thrown, also what cannot be made a text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  } catch {
    return UNPRINTABLE;
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
