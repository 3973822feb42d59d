import { setTimeout as delay } from 'node:timers/promises';

/** How time passes for a loop; another than the real one is for tests. */
export interface Pace {
  /** Milliseconds that never go backwards, such as those since the process has started. */
  now(): number;
  /** The machine's wall clock, in milliseconds. Only its jumps are looked at: schedules go by the database's clock. */
  wall(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

/** Something beside the schedules that can make a loop tick, looked at between two ticks. */
export interface WakeSource {
  /** Seconds between two looks. */
  readonly everySeconds: number;
  /** Whether the loop must tick now. What it throws counts as `false`. */
  look(): Promise<boolean>;
}

export const realPace: Pace = {
  now: () => performance.now(),
  wall: () => Date.now(),
  // Node fires a timer with a fraction up to a millisecond early.
  sleep: async (millis, signal) => delay(Math.ceil(millis), undefined, { signal }).catch(() => undefined),
};

/**
 * The longest single timer, in milliseconds. Timers stand still while the machine is suspended, so the clocks are compared
 * this often. It also keeps every timer below the 24.8 days that Node can count.
 */
const LONGEST_TIMER = 2_000;

/** Milliseconds by which wall clock and timers part within one timer when the machine was suspended or its clock set. */
const JUMP = 1_000;

/** The waiting of a loop between two ticks. */
export class LoopSleep {
  readonly #pace: Pace;
  readonly #stop: AbortSignal;
  readonly #sources: readonly WakeSource[];

  constructor(pace: Pace, stop: AbortSignal, sources: readonly WakeSource[] = []) {
    this.#pace = pace;
    this.#stop = stop;
    this.#sources = sources;
  }

  /**
   * Waits until an instant of the pace. Ends earlier when the loop is stopped, when a source asks for a tick, and when the
   * machine was suspended or its clock set: then nobody knows what the database's clock shows before it is read again.
   */
  async until(instant: number): Promise<void> {
    const pace = this.#pace;
    const looks = this.#sources.map(source => ({ source, at: pace.now() + source.everySeconds * 1_000 }));
    for (let now = pace.now(); now < instant && !this.#stop.aborted; now = pace.now()) {
      const apart = pace.wall() - now;
      const next = Math.min(instant, now + LONGEST_TIMER, ...looks.map(({ at }) => at));
      await pace.sleep(Math.max(next - now, 0), this.#stop);
      if (Math.abs(pace.wall() - pace.now() - apart) > JUMP) {
        return;
      }
      for (const look of looks) {
        if (look.at <= pace.now() && !this.#stop.aborted) {
          if (await look.source.look().catch(() => false)) {
            return;
          }
          look.at = pace.now() + look.source.everySeconds * 1_000;
        }
      }
    }
  }
}
