import { writeSync } from 'node:fs';
import { CronError } from '../../errors.ts';
import { RunScope, UncaughtInJob } from '../../runner/RunScope.ts';
import { describeError } from '../../util/thrown.ts';

/**
 * Keeps one job from taking the process, and with it the other jobs, down: an error that nobody caught and a call of
 * `process.exit()` end the run that they come from. What comes from no run is told on stderr and makes the exit code 1;
 * after an exception, which may have left anything half done, no further job starts.
 */
export class ProcessGuard implements Disposable {
  readonly #stop: (why: string) => void;
  readonly #exit = process.exit;
  #hasTrouble = false;

  /** @param stop ends the command gently */
  constructor(stop: (why: string) => void) {
    this.#stop = stop;
    process.on('uncaughtException', this.#onUncaught);
    process.on('exit', this.#onExit);
    process.exit = this.#refuseExit;
  }

  /** Whether something went wrong that is no job's. */
  get hasTrouble(): boolean {
    return this.#hasTrouble;
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#onUncaught);
    process.off('exit', this.#onExit);
    process.exit = this.#exit;
  }

  /** Hears of rejections that nobody handles too. */
  readonly #onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    const run = RunScope.current;
    if (run?.isActive) {
      run.end(new UncaughtInJob(error, run.code));
      return;
    }
    this.#hasTrouble = true;
    const where = run ? `${run.code}, after its run: ` : '';
    process.stderr.write(`mikro-orm-cron: ${where}Uncaught ${describeError(error)}\n`);
    if (origin === 'uncaughtException') {
      this.#stop('an uncaught exception');
    }
  };

  readonly #refuseExit = (code?: number | string | null): never => {
    const run = RunScope.current;
    if (!run?.isActive) {
      return this.#exit(code);
    }
    const error = new CronError(
      `process.exit(${code ?? ''}) was called; a job ends by returning or throwing, or give it isolation: 'process'`,
      { jobCode: run.code },
    );
    // Also when the job catches what is thrown here.
    run.end(error);
    throw error;
  };

  /** The last moment, in which only synchronous things can be done. */
  readonly #onExit = (exitCode: number): void => {
    const codes = RunScope.active.map(run => run.code);
    // From 128 it stands for a second signal, which is meant to end everything.
    if (codes.length > 0 && exitCode < 128) {
      process.exitCode = 1;
      writeSync(
        process.stderr.fd,
        `mikro-orm-cron: process.exit() ended the process while ${codes.join(', ')} ran; no further job was started\n`,
      );
    }
  };
}
