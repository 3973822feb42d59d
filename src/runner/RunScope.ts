import { AsyncLocalStorage } from 'node:async_hooks';
import { CronError } from '../errors.ts';
import { namedMessageOf } from '../util/thrown.ts';

/** An error that a job's code threw outside of `do()`'s promise: in a timer, or in a promise without `await`. */
export class UncaughtInJob extends CronError {
  constructor(error: unknown, jobCode: string) {
    super(`Uncaught ${namedMessageOf(error)}`, {
      cause: error,
      jobCode,
    });
  }
}

/** Which run the code that is executing belongs to; its timers and promises belong to it too. */
const scopes = new AsyncLocalStorage<RunScope>();

const active = new Set<RunScope>();

/** One run, as seen from wherever its code executes. */
export class RunScope {
  /** Code of the job. */
  readonly code: string;
  readonly #end: (reason: Error) => void;

  /** @param end ends the run as failed */
  constructor(code: string, end: (reason: Error) => void) {
    this.code = code;
    this.#end = end;
  }

  /** The run that the executing code belongs to, be it still going or not; `undefined` outside of any. */
  static get current(): RunScope | undefined {
    return scopes.getStore();
  }

  /** The runs that are going. */
  static get active(): readonly RunScope[] {
    return [...active];
  }

  get isActive(): boolean {
    return active.has(this);
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    active.add(this);
    try {
      return await scopes.run(this, call);
    } finally {
      // Node reports unhandled rejections only after the promises that were awaited.
      await new Promise(resolve => void setImmediate(resolve));
      active.delete(this);
    }
  }

  /** Ends the run as failed. */
  end(reason: Error): void {
    this.#end(reason);
  }
}
