/** `write` of a stream, in all its forms. */
export type Write = typeof process.stdout.write;

/** The part of a stream that can be stood in for. */
export interface WritableStream {
  write: Write;
}

/**
 * Puts a function in the place of a stream's `write` until it is disposed of. Others may do the same, before or
 * meanwhile, and each is left its own: when somebody has put a function over ours, ours stays below it and only passes on.
 *
 * @param replace makes the function; it gets the `write` that it stands in for
 */
export function interceptWrite(stream: WritableStream, replace: (original: Write) => Write): Disposable {
  const original = stream.write;
  const isOwn = Object.hasOwn(stream, 'write');
  const pass = original.bind(stream) as Write;
  let current = replace(pass);
  const ours = ((...args: Parameters<Write>) => current(...args)) as Write;
  stream.write = ours;
  return {
    [Symbol.dispose]() {
      current = pass;
      if (stream.write !== ours) {
        return;
      }
      if (isOwn) {
        stream.write = original;
      } else {
        // The stream's class has it.
        Reflect.deleteProperty(stream, 'write');
      }
    },
  };
}
