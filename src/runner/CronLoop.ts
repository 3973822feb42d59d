import { LoopSleep, type Pace, realPace, type WakeSource } from './LoopSleep.ts';
import { DEFAULT_SLEEP_SECONDS, type LoopOptions } from './RunOptions.ts';

/** The work of a loop. */
export interface Ticker {
  /** Loads the jobs, so that what no later tick can fix is known at once. */
  prepare(): Promise<unknown>;
  /** Makes one tick; gives the milliseconds until a job is due again, which are negative when one is overdue. */
  tick(): Promise<number>;
}

/** The longest wait after ticks that could not be made, in seconds. */
const LONGEST_RETRY = 60;

/** Milliseconds between two ticks at least. */
const LEAST_WAIT = 2;

/** Whether a tick could be made, and when the next one is to be, by the loop's pace. */
interface Made {
  readonly isMade: boolean;
  readonly nextAt: number;
}

/**
 * Tick after tick. An exact loop ticks when the next job is due, and at least every `sleepSeconds` from the start of the last
 * tick, to see what others have changed. At a steady pace starts lie whole multiples of the sleep apart, however long a
 * tick takes; one that takes longer than the sleep passes over the instants it missed.
 *
 * A tick that cannot be made, since the database is out of reach, is tried again after 1, 2, 4 … seconds, at most a
 * minute, until the next one comes.
 */
export class CronLoop {
  readonly #ticker: Ticker;
  readonly #options: LoopOptions;
  readonly #stop: AbortSignal;
  readonly #pace: Pace;
  readonly #sleep: LoopSleep;

  /** @param sources what else can make it tick */
  constructor(ticker: Ticker, options: LoopOptions, sources: readonly WakeSource[] = []) {
    this.#ticker = ticker;
    this.#options = options;
    this.#stop = options.stop ?? new AbortController().signal;
    this.#pace = options.pace ?? realPace;
    this.#sleep = new LoopSleep(this.#pace, this.#stop, sources);
  }

  /**
   * Ticks until stopped, or `repeat` times.
   *
   * @returns whether the last tick could be made; a tick that failed and was being tried again when the loop was stopped, or
   * was stopped before it had begun, could not
   * @throws CronJobError when a job cannot be loaded or a name is unknown: no later tick can fix that.
   */
  async run(): Promise<boolean> {
    const { sleepSeconds = DEFAULT_SLEEP_SECONDS, exact = true, repeat = Infinity, jitterSeconds = 0 } = this.#options;
    const pace = this.#pace;
    const sleep = sleepSeconds * 1_000;
    await this.#ticker.prepare();
    await this.#sleep.until(pace.now() + Math.random() * jitterSeconds * 1_000);
    const beganAt = pace.now();
    let last: Made = { isMade: true, nextAt: beganAt };
    for (let made = 0; made < repeat && !this.#stop.aborted; made++) {
      await this.#sleep.until(last.nextAt);
      last = await this.#tick(sleep, made + 1 >= repeat);
      if (!exact) {
        last = { ...last, nextAt: pace.now() + sleep - ((pace.now() - beganAt) % sleep) };
      }
    }
    return last.isMade;
  }

  /** Makes one tick, tried again until the next one comes. */
  async #tick(sleep: number, isLast: boolean): Promise<Made> {
    const giveUpAt = this.#pace.now() + sleep;
    let isMade = true;
    for (let retry = 1; !this.#stop.aborted; retry = Math.min(retry * 2, LONGEST_RETRY)) {
      const startedAt = this.#pace.now();
      try {
        const untilDue = await this.#ticker.tick();
        const dueAt = this.#pace.now() + Math.max(untilDue, LEAST_WAIT);
        return { isMade: true, nextAt: Math.min(startedAt + sleep, dueAt) };
      } catch (error) {
        isMade = false;
        if (this.#stop.aborted) {
          // The stop is the reason: nothing to report.
          break;
        }
        const left = Math.max(giveUpAt - this.#pace.now(), 0) / 1_000;
        const hasTime = retry < left;
        this.#reportFailure(error, hasTime ? retry : isLast ? null : left);
        if (!hasTime) {
          break;
        }
        await this.#sleep.until(this.#pace.now() + retry * 1_000);
      }
    }
    return { isMade, nextAt: giveUpAt };
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
}
