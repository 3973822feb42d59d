import { CronError } from '../../errors.ts';
import { RunScope, UncaughtInJob } from '../../runner/RunScope.ts';
import type { Output } from '../../terminal/Output.ts';
import { lastWords } from '../../util/lastWords.ts';
import { isGuardedLoad } from '../../util/loading.ts';
import { describeError } from '../../util/thrown.ts';

/**
 * Keeps one job from ending the process, and with it the other jobs: an uncaught error and a call of
 * `process.exit()` end the run that they come from. What comes from no run is reported on stderr and makes the exit code 1;
 * after an exception, which may have left anything half done, no further job starts.
 */
export class ProcessGuard implements Disposable {
  readonly #out: Output;
  readonly #stop: (why: string) => void;
  readonly #exit = process.exit;
  #hasErrors = false;

  /** @param stop shuts the command down */
  constructor(out: Output, stop: (why: string) => void) {
    this.#out = out;
    this.#stop = stop;
    process.on('uncaughtException', this.#onUncaught);
    process.on('beforeExit', this.#onIdle);
    // Before others, which know less.
    process.prependListener('exit', this.#onExit);
    process.exit = this.#refuseExit;
  }

  /** Whether an error outside of any run was caught. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#onUncaught);
    process.off('beforeExit', this.#onIdle);
    process.off('exit', this.#onExit);
    process.exit = this.#exit;
  }

  /** Also called for unhandled rejections. */
  readonly #onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    const run = RunScope.current;
    if (run?.isActive) {
      run.end(new UncaughtInJob(error, run.code));
      return;
    }
    if (isGuardedLoad()) {
      // It fails what is being loaded.
      return;
    }
    this.#hasErrors = true;
    const where = run ? `${run.code}, after its run: ` : '';
    const [headline = '', ...stack] = describeError(error).split('\n');
    this.#out.error(`${where}Uncaught ${headline}`, stack.join('\n'));
    if (origin === 'uncaughtException') {
      this.#stop('an uncaught exception');
    }
  };

  /** Nothing is left that could settle what a job waits for, so that it would keep waiting while the process ends. */
  readonly #onIdle = (): void => {
    for (const run of RunScope.active) {
      const why = 'it waits for something that cannot happen: no timer, connection or other handle is left';
      run.end(new CronError(`Job ${run.code}: ${why}`, { jobCode: run.code }));
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
      lastWords(`process.exit() ended the process while ${codes.join(', ')} ran; no further job was started`);
    }
  };
}
