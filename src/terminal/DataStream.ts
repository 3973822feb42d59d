type Write = typeof process.stdout.write;

/**
 * Keeps stdout for data: for as long as it lives, what others print there goes to stderr, so that a job's `console.log()`
 * or MikroORM's logger does not fall between the lines of JSON.
 */
export class DataStream implements Disposable {
  readonly #original: Write = process.stdout.write;
  readonly #standIn: Write;
  #isOver = false;

  constructor() {
    const { stdout, stderr } = process;
    this.#standIn = ((...args: Parameters<Write>) =>
      this.#isOver ? this.#original.apply(stdout, args) : stderr.write(...args)) as Write;
    stdout.write = this.#standIn;
  }

  /** Writes an object as JSON: on one line, or for people too with `indent`. */
  json(data: unknown, indent?: number): void {
    this.#original.call(process.stdout, `${JSON.stringify(data, null, indent)}\n`);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    // Somebody else may stand in for ours by now, and will put ours back: it then only passes on.
    if (process.stdout.write === this.#standIn) {
      process.stdout.write = this.#original;
    }
  }
}
