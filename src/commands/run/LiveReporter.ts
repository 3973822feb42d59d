import type { TickEvent } from '../../events/TickEvent.ts';
import { LiveLines } from '../../terminal/LiveLines.ts';
import type { Terminal } from '../../terminal/Terminal.ts';
import { formatDuration } from '../../util/durations.ts';

interface LiveRun {
  readonly code: string;
  readonly startedAt: number;
  progress: string;
}

/** Milliseconds between two looks at the clock. */
const REFRESH = 250;

/** More running jobs than that are only counted: the lines must fit on the screen. */
const MOST_LINES = 10;

/** Shows on a terminal which jobs are running, for how long, and how far they say they are. */
export class LiveReporter implements Disposable {
  readonly #lines: LiveLines;
  readonly #runs = new Map<number, LiveRun>();
  readonly #timer: NodeJS.Timeout;
  #isShowing = false;

  constructor(terminal: Terminal, others: readonly Terminal[]) {
    this.#lines = new LiveLines(terminal, others);
    this.#timer = setInterval(() => this.#show(), REFRESH).unref();
  }

  readonly onEvent = (event: TickEvent): void => {
    switch (event.type) {
      case 'jobStarted':
        this.#runs.set(event.log.id, { code: event.job.code, startedAt: performance.now(), progress: '' });
        break;
      case 'progress':
        this.#progress(event.log.id, event.done, event.total);
        break;
      case 'jobDone':
        if (event.report.log && this.#runs.delete(event.report.log.id)) {
          this.#show();
        }
        break;
      default:
    }
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#lines[Symbol.dispose]();
  }

  /** A job may report thousands of times a second; the timer shows the newest. */
  #progress(id: number, done: number, total: number | undefined): void {
    const run = this.#runs.get(id);
    if (run) {
      run.progress = total ? `  ${done} of ${total} (${Math.floor((100 * done) / total)} %)` : `  ${done} done`;
    }
  }

  #show(): void {
    const lines = [...this.#runs.values()].map(({ code, startedAt, progress }) => {
      // Tenths of a second that change all the time only disturb.
      const seconds = Math.floor((performance.now() - startedAt) / 1_000);
      return `[▶] ${code}  ${seconds === 0 ? '0 s' : formatDuration(seconds * 1_000)}${progress}`;
    });
    if (lines.length > 0 || this.#isShowing) {
      const more = lines.length > MOST_LINES ? [`    and ${lines.length - MOST_LINES} more`] : [];
      this.#lines.show([...lines.slice(0, MOST_LINES), ...more]);
      this.#isShowing = lines.length > 0;
    }
  }
}
