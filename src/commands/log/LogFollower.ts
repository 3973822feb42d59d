import { setTimeout as delay } from 'node:timers/promises';
import type { CronJobLog } from '../../history/CronJobLog.ts';
import type { LogFilter, LogReader } from '../../history/LogReader.ts';

/** How far back to look for ids that were given out earlier but became visible later. */
const LOOK_BACK = 100;

const PAGE = 500;

/** Watches the log: reports every run that passes a filter when it starts and again when it has ended. */
export class LogFollower {
  readonly #reader: LogReader;
  readonly #filter: LogFilter;
  /** The runs already looked at that may still change or be found again, by id; whether they were running then. */
  readonly #known = new Map<number, boolean>();
  #newest: number;

  /** @param newest id of the newest run that was there before */
  constructor(reader: LogReader, filter: LogFilter, newest: number) {
    this.#reader = reader;
    this.#filter = filter;
    this.#newest = newest;
  }

  /** Marks the newest runs, and these running ones, as already reported. */
  async begin(running: readonly CronJobLog[]): Promise<void> {
    const newest = this.#newest;
    const there = await this.#reader.after(newest - LOOK_BACK, this.#filter.codes, PAGE);
    this.#know([...there.filter(({ id }) => id <= newest), ...running]);
  }

  /** Polls until the signal; a failed look is reported once and tried again. */
  async follow(signal: AbortSignal, { everyMillis, answer, onRun, onError }: FollowOptions): Promise<void> {
    let isFailing = false;
    while (!signal.aborted) {
      try {
        for (const log of await answer(this.look(), signal)) {
          onRun(log);
        }
        isFailing = false;
      } catch (error) {
        if (!isFailing && !signal.aborted) {
          onError(error);
        }
        isFailing = true;
      }
      await delay(everyMillis, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The runs that started or ended since the last look. */
  async look(): Promise<CronJobLog[]> {
    const seen = await this.#reader.after(this.#newest - LOOK_BACK, this.#filter.codes, PAGE);
    const running = [...this.#known].filter(([, isRunning]) => isRunning).map(([id]) => id);
    const inSight = new Set(seen.map(({ id }) => id));
    const older = await this.#reader.byIds(
      running.filter(id => !inSight.has(id)),
      {},
    );
    const changed = [...older, ...seen].filter(log => this.#known.get(log.id) !== (log.status === 'running'));
    const found = await this.#reader.byIds(
      changed.map(({ id }) => id),
      this.#filter,
    );
    // Only now, so that a look that fails loses nothing; a run may have ended between the two statements.
    this.#know(changed);
    this.#know(found);
    this.#forget();
    return found;
  }

  #forget(): void {
    for (const [id, isRunning] of this.#known) {
      if (!isRunning && id <= this.#newest - LOOK_BACK) {
        this.#known.delete(id);
      }
    }
  }

  #know(logs: readonly CronJobLog[]): void {
    for (const log of logs) {
      this.#known.set(log.id, log.status === 'running');
      this.#newest = Math.max(this.#newest, log.id);
    }
  }
}

/** Options of {@link LogFollower.follow}. */
export interface FollowOptions {
  readonly everyMillis: number;
  /** Limits a look. */
  readonly answer: <Value>(work: Promise<Value>, signal: AbortSignal) => Promise<Value>;
  readonly onRun: (log: CronJobLog) => void;
  readonly onError: (error: unknown) => void;
}
