import { lastWords } from './lastWords.ts';
import { type Limit, within } from './limits.ts';
import { namedMessageOf } from './thrown.ts';

/** Something of the host's that is being loaded. */
interface Load {
  readonly what: string;
  readonly failed: (error: Error) => void;
}

/** What is being loaded; the newest last. */
const loads = new Set<Load>();

let isGuarding = false;

/**
 * From now on, what is loaded cannot end this process, nor crash it: that fails the load. For a process of our own only;
 * in a host's, `process.exit()` may come from anywhere.
 */
export function guardLoads(): void {
  isGuarding = true;
}

/** Whether uncaught errors fail what is being loaded. */
export function isGuardedLoad(): boolean {
  return isGuarding && loads.size > 0;
}

/** The exports of a module. One in CommonJS comes as its default export, with or without the names beside it. */
export function exportsOf(module: object): object {
  return 'default' in module && typeof module.default === 'object' && module.default !== null
    ? { ...module, ...module.default }
    : module;
}

/** Options of `whileLoading()`. */
export interface LoadOptions extends Limit {
  /** The beginning of a sentence, as in "Job file ./a.ts cannot be imported". */
  readonly what: string;
  /** What the seconds are called where they are set. */
  readonly limitName: string;
}

/** What kept something from being loaded, when it is not what it threw. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/**
 * Loads something of the host's, whose code may do whatever it likes.
 *
 * @throws what it throws; a LoadError that says what it did when it has not finished in time, or when it ends the process or
 * throws where nobody waits for it and loads are guarded.
 */
export async function whileLoading<Value>(options: LoadOptions, load: () => Promise<Value>): Promise<Value> {
  const { promise: failure, reject: failed } = Promise.withResolvers<never>();
  const entry = { what: options.what, failed };
  loads.add(entry);
  using _ = isGuarding && loads.size === 1 ? new LoadGuard() : undefined;
  try {
    return await within(options, Promise.race([load(), failure]), () => {
      const { seconds, limitName } = options;
      return new LoadError(
        `it has not finished within ${seconds} s (${limitName}); does it await something that never comes?`,
      );
    });
  } finally {
    loads.delete(entry);
  }
}

/** Keeps what is being loaded from ending the process, and names it where that cannot be prevented. */
class LoadGuard implements Disposable {
  readonly #exit = process.exit;
  readonly #refused = new WeakSet();

  constructor() {
    process.exit = this.#refuseExit;
    process.on('uncaughtException', this.#onUncaught);
    // Before others, which know less.
    process.prependListener('exit', this.#onExit);
  }

  [Symbol.dispose](): void {
    process.exit = this.#exit;
    process.off('exit', this.#onExit);
    // What was refused in a timer is thrown there only after the load has failed.
    setImmediate(() => process.off('uncaughtException', this.#onUncaught));
  }

  readonly #refuseExit = (code?: number | string | null): never => {
    const load = [...loads].at(-1);
    if (!load) {
      // Somebody has kept this function.
      return this.#exit(code);
    }
    const place = new Error('here').stack?.split('\n')[2]?.replace(/^\s*at (?:.*\()?(.*?)\)?$/, '$1');
    const error = new LoadError(`it called process.exit(${code ?? ''})${place ? ` at ${place}` : ''}`);
    this.#refused.add(error);
    // Also when it catches what is thrown here.
    load.failed(error);
    throw error;
  };

  /** Also called for unhandled rejections. */
  readonly #onUncaught = (error: Error): void => {
    if (typeof error !== 'object' || !this.#refused.has(error)) {
      [...loads].at(-1)?.failed(new LoadError(`Uncaught ${namedMessageOf(error)}`, { cause: error }));
    }
  };

  /** The last moment, in which only synchronous things can be done. */
  readonly #onExit = (exitCode: number): void => {
    const load = [...loads].at(-1);
    // From 128 it stands for a signal, which is meant to end everything.
    if (load && exitCode < 128) {
      process.exitCode = 1;
      lastWords(`${load.what}: the process was ended meanwhile`);
    }
  };
}
