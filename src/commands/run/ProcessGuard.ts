import { CronError } from '../../errors.ts';
import { RunScope, UncaughtInJob } from '../../runner/RunScope.ts';
import type { Output } from '../../terminal/Output.ts';
import { describeError } from '../../util/thrown.ts';

/**
 * Keeps one job from taking the process, and with it the other jobs, down: an error that nobody caught and a call of
 * `process.exit()` end the run that they come from. What comes from no run is told on stderr and makes the exit code 1;
 * after an exception, which may have left anything half done, no further job starts.
 */
export class ProcessGuard implements Disposable {
  readonly #out: Output;
  readonly #stop: (why: string) => void;
  readonly #exit = process.exit;
  #hasTrouble = false;

  /** @param stop ends the command gently */
  constructor(out: Output, stop: (why: string) => void) {
    this.#out = out;
    this.#stop = stop;
    process.on('uncaughtException', this.#onUncaught);
    process.exit = this.#refuseExit;
  }

  /** Whether something went wrong that is no job's. */
  get hasTrouble(): boolean {
    return this.#hasTrouble;
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#onUncaught);
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
    const [headline = '', ...stack] = describeError(error).split('\n');
    this.#out.error(`${where}Uncaught ${headline}`, stack.join('\n'));
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
}
