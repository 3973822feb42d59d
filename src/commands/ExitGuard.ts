import { endsAsMeant, lastWords } from '../util/lastWords.ts';

/**
 * Sees that the exit code of a command is the command's own, whatever the host's code does with `process.exit()` and
 * `process.exitCode`, and that a process which ends before its command has ended says so.
 */
export class ExitGuard {
  /** As Node made it: others may have put their own in its place. */
  readonly #exit = process.exit;
  #code: number | undefined;

  constructor() {
    process.on('exit', this.#onExit);
  }

  /** Ends the process with the command's exit code. */
  exit(code: number): never {
    this.#code = code;
    endsAsMeant();
    // Anew, so that it comes after the listeners of the host.
    process.off('exit', this.#onExit);
    process.on('exit', this.#onExit);
    return this.#exit(code);
  }

  readonly #onExit = (exitCode: number): void => {
    if (this.#code !== undefined) {
      process.exitCode = this.#code;
    } else if (exitCode < 128) {
      process.exitCode = 1;
      lastWords('the process ended before the command did: process.exit() was called, or nothing is left to wait for');
    }
  };
}
