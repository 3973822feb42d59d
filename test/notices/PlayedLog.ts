import type { Streak } from '../../src/history/readStreaks.ts';
import { NO_HISTORY, Schedule } from '../../src/index.ts';
import { type CheckedJob, decideNotices, type NoticePolicy } from '../../src/notices/decideNotices.ts';
import type { NotifierState } from '../../src/notices/notifierState.ts';
import { SettableClock } from '../../src/testing/index.ts';

interface PlayedRun {
  readonly startTime: Date;
  readonly isSuccess: boolean;
}

/** A log in memory with one job and one notifier, played through by a clock: `run()`, `check()`, and what was said. */
export class PlayedLog {
  readonly clock = new SettableClock('2026-03-02T00:00:00Z');
  readonly said: string[] = [];
  runs: PlayedRun[] = [];
  told: NotifierState | null = null;
  /** Whether notices get through. */
  isUp = true;
  readonly #policy: NoticePolicy;
  readonly #minNumFailures: number;
  readonly #schedule: Schedule;

  constructor({ minNumFailures = 10, runEveryMins = 5, ...policy }: PlayedOptions = {}) {
    this.#minNumFailures = minNumFailures;
    this.#schedule = new Schedule({ runEveryMins });
    this.#policy = { notifyRecovery: true, remindAfterMins: undefined, overdueMarginMins: undefined, ...policy };
  }

  /** Runs the job every so many minutes until an instant, with a check every half hour; the clock then stands there. */
  until(end: string, outcome: 'fails' | 'succeeds' | 'does not run', { isChecked = true } = {}): void {
    const to = new Date(end);
    for (; this.clock.now() < to; this.clock.advance(60)) {
      const minute = this.clock.now().getTime() / 60_000;
      if (outcome !== 'does not run' && minute % this.#schedule.runEveryMins! === 0) {
        this.run(outcome === 'succeeds');
      }
      if (isChecked && minute % 30 === 0) {
        this.check();
      }
    }
  }

  run(isSuccess: boolean): void {
    this.runs.push({ startTime: this.clock.now(), isSuccess });
  }

  /** What the notification job does, with the log's rows in memory. */
  check(): void {
    const now = this.clock.now();
    const decision = decideNotices([this.#job(now)], this.told, this.#policy, { now, timeZone: 'UTC' });
    if (decision.notices.length > 0 && !this.isUp) {
      return;
    }
    this.told = decision.state;
    for (const { kind, isReminder, streak } of decision.notices) {
      const times = streak ? ` ${streak.failures}` : '';
      this.said.push(`${now.toISOString().slice(5, 16)} ${isReminder ? 'still ' : ''}${kind}${times}`);
    }
  }

  #job(now: Date): CheckedJob {
    const lastSuccessStart = this.runs.findLast(({ isSuccess }) => isSuccess)?.startTime ?? null;
    return {
      code: 'a',
      schedule: this.#schedule,
      history: { ...NO_HISTORY, lastSuccessStart },
      streaks: streaksOf(this.runs, new Date(this.told?.at ?? now), this.#minNumFailures),
      hasAllSuccesses: true,
      canBeOverdue: true,
    };
  }
}

interface PlayedOptions extends Partial<NoticePolicy> {
  readonly minNumFailures?: number;
  readonly runEveryMins?: number;
}

/** As `readStreaks()` reads them: of the runs since an instant and the newest `least` before it. */
function streaksOf(runs: readonly PlayedRun[], since: Date, least: number): Streak[] {
  // From the end, since the log has weeks of runs and the window a few.
  const newer = runs.findLastIndex(({ startTime }) => startTime <= since) + 1;
  const window = runs.slice(Math.max(0, newer - least));
  const streaks: Streak[] = [];
  let failed: PlayedRun[] = [];
  const end = (endedAt: Date | null) => {
    if (failed.length >= least) {
      const [first, last] = [failed[0]!.startTime, failed.at(-1)!.startTime];
      streaks.unshift({
        failures: failed.length,
        firstStart: first,
        lastStart: last,
        lastEnd: last,
        endedAt,
        runs: [],
      });
    }
    failed = [];
  };
  for (const run of window) {
    if (run.isSuccess) {
      end(run.startTime);
    } else {
      failed.push(run);
    }
  }
  end(null);
  return streaks;
}
