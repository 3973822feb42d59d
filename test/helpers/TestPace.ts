import type { Pace } from '../../src/runner/LoopSleep.ts';

/** Time that passes only when a loop sleeps or a test says so. */
export class TestPace implements Pace {
  /** Since the process has started, in seconds. */
  seconds = 0;
  /** What the machine's wall clock is ahead of that, in seconds. */
  ahead = 1_000_000;
  /** The longest timer that was set, in seconds. */
  longestTimer = 0;
  /** What happens at some second. */
  readonly events: { readonly at: number; readonly happen: (pace: TestPace) => void }[] = [];

  now(): number {
    return this.seconds * 1_000;
  }

  wall(): number {
    return (this.seconds + this.ahead) * 1_000;
  }

  async sleep(millis: number): Promise<void> {
    this.longestTimer = Math.max(this.longestTimer, millis / 1_000);
    this.seconds += millis / 1_000;
    for (const event of this.events.splice(0)) {
      if (event.at <= this.seconds) {
        event.happen(this);
      } else {
        this.events.push(event);
      }
    }
  }
}
