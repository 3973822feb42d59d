import { setTimeout as delay } from 'node:timers/promises';
import type { LoopOptions, Pace } from './RunOptions.ts';

const realPace: Pace = {
  now: () => performance.now(),
  sleep: (millis, signal) => delay(millis, undefined, { signal }).catch(() => undefined),
};

/** The work of a loop. */
export interface Ticker {
  /** Loads the jobs, so that what no later tick can fix is known at once. */
  prepare(): Promise<unknown>;
  /** Makes one tick. */
  tick(): Promise<unknown>;
}

/** The longest wait after ticks that could not be made, in seconds. */
const LONGEST_RETRY = 60;

/**
 * Tick after tick at a steady pace: starts lie whole multiples of the sleep apart, however long a tick takes; one that
 * takes longer than the sleep passes over the instants it missed. A tick that cannot be made, since the database is
 * out of reach, is tried again after 1, 2, 4 … seconds, at most a minute, until the next one comes.
 */
export class CronLoop {
  readonly #ticker: Ticker;
  readonly #options: LoopOptions;
  readonly #stop: AbortSignal;
  readonly #pace: Pace;

  constructor(ticker: Ticker, options: LoopOptions) {
    this.#ticker = ticker;
    this.#options = options;
    this.#stop = options.stop ?? new AbortController().signal;
    this.#pace = options.pace ?? realPace;
  }

  /**
   * Ticks until stopped, or `repeat` times.
   *
   * @returns whether the last tick could be made; a tick that failed and was being tried again when the loop was stopped, or
   * was stopped before it had begun, could not
   * @throws CronJobError when a job cannot be loaded or a name is unknown: no later tick can fix that.
   */
  async run(): Promise<boolean> {
    const { sleepSeconds = 300, repeat = Infinity, jitterSeconds = 0 } = this.#options;
    await this.#ticker.prepare();
    await this.#sleep(Math.random() * jitterSeconds * 1000);
    const beganAt = this.#pace.now();
    const sleep = sleepSeconds * 1000;
    let isMade = true;
    for (let made = 0; made < repeat && !this.#stop.aborted; made++) {
      if (made > 0) {
        await this.#sleep(sleep - ((this.#pace.now() - beganAt) % sleep));
      }
      isMade = await this.#tick(sleepSeconds, made + 1 >= repeat);
    }
    return isMade;
  }

  /** Makes one tick, tried again until the next one comes; `false` when it could not be made. */
  async #tick(sleepSeconds: number, isLast: boolean): Promise<boolean> {
    const nextAt = this.#pace.now() + sleepSeconds * 1000;
    let isMade = true;
    for (let retry = 1; !this.#stop.aborted; retry = Math.min(retry * 2, LONGEST_RETRY)) {
      try {
        await this.#ticker.tick();
        return true;
      } catch (error) {
        isMade = false;
        if (this.#stop.aborted) {
          // The stop is the reason: nothing to report.
          break;
        }
        const left = Math.max(nextAt - this.#pace.now(), 0) / 1000;
        const hasTime = retry < left;
        this.#reportFailure(error, hasTime ? retry : isLast ? null : left);
        if (!hasTime) {
          return false;
        }
        await this.#sleep(retry * 1000);
      }
    }
    return isMade;
  }

  /** A listener that fails must not end the loop. */
  #reportFailure(error: unknown, retryInSeconds: number | null): void {
    try {
      const answer: unknown = this.#options.onTickFailed?.(error, retryInSeconds);
      Promise.resolve(answer).catch(() => undefined);
    } catch {
      // The loop goes on without its report.
    }
  }

  async #sleep(millis: number): Promise<void> {
    if (millis > 0 && !this.#stop.aborted) {
      await this.#pace.sleep(millis, this.#stop);
    }
  }
}
