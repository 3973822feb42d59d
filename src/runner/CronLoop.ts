import { setTimeout as delay } from 'node:timers/promises';
import type { CronRunner } from './CronRunner.ts';
import type { RunOptions } from './RunOptions.ts';

/** How time passes for a loop; another than the real one is for tests. */
export interface Pace {
  /** Milliseconds that never go backwards. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

/** How a loop shall go. */
export interface LoopOptions extends RunOptions {
  /** Seconds from the start of one tick to the start of the next. @default 300 */
  readonly sleepSeconds?: number;
  /** How many ticks to make. @default no end */
  readonly repeat?: number;
  /**
   * Seconds of which a random part is waited before the first tick, so that hosts that start together do not tick
   * together.
   *
   * @default 0
   */
  readonly jitterSeconds?: number;
  /** Hears of a tick that could not be made, and when it will be tried again. */
  readonly onTickFailed?: (error: unknown, retryInSeconds: number) => void;
  /** @internal */
  readonly pace?: Pace;
}

const realPace: Pace = {
  now: () => performance.now(),
  sleep: (millis, signal) => delay(millis, undefined, { signal }).catch(() => undefined),
};

/** The longest wait after ticks that could not be made, in seconds. */
const LONGEST_RETRY = 60;

/**
 * Tick after tick at a steady pace: starts lie whole multiples of the sleep apart, however long a tick takes; one that
 * takes longer than the sleep passes over the instants it missed. A tick that cannot be made, since the database is
 * out of reach, is tried again after 1, 2, 4 … seconds, but never later than the next tick would come.
 */
export class CronLoop {
  readonly #runner: CronRunner;
  readonly #options: LoopOptions;
  readonly #stop: AbortSignal;
  readonly #pace: Pace;

  constructor(runner: CronRunner, options: LoopOptions) {
    this.#runner = runner;
    this.#options = options;
    this.#stop = options.stop ?? new AbortController().signal;
    this.#pace = options.pace ?? realPace;
  }

  /**
   * Ticks until stopped, or `repeat` times.
   *
   * @throws CronJobError when a job cannot be loaded or a name is unknown: no later tick would mend that.
   */
  async run(): Promise<void> {
    const { sleepSeconds = 300, repeat = Infinity, jitterSeconds = 0, jobs = [], tags } = this.#options;
    await this.#runner.select(jobs, tags);
    await this.#sleep(Math.random() * jitterSeconds * 1000);
    const beganAt = this.#pace.now();
    const sleep = sleepSeconds * 1000;
    for (let made = 0; made < repeat && !this.#stop.aborted; made++) {
      if (made > 0) {
        await this.#sleep(sleep - ((this.#pace.now() - beganAt) % sleep));
      }
      await this.#tick(sleepSeconds);
    }
  }

  /** Makes one tick, and tries again until it could be made. */
  async #tick(sleepSeconds: number): Promise<void> {
    for (let retry = 1; !this.#stop.aborted; retry = Math.min(retry * 2, sleepSeconds, LONGEST_RETRY)) {
      try {
        await this.#runner.run(this.#options);
        return;
      } catch (error) {
        const seconds = Math.min(retry, sleepSeconds);
        this.#options.onTickFailed?.(error, seconds);
        await this.#sleep(seconds * 1000);
      }
    }
  }

  async #sleep(millis: number): Promise<void> {
    if (millis > 0 && !this.#stop.aborted) {
      await this.#pace.sleep(millis, this.#stop);
    }
  }
}
