import { Cron } from 'croner';

/** Lines are remembered for so many expressions and zones: more than a host has jobs. */
const REMEMBERED = 10_000;

/** An occurrence, up to where it is known to be the newest, and the next one, once somebody has asked. */
interface KnownStretch {
  readonly occurrence: number;
  readonly upTo: number;
  next?: number;
}

const lines = new Map<string, CronLine>();

/**
 * The occurrences of a crontab expression in one zone, as croner finds them. That takes it tens of microseconds, and a
 * tick asks for the same stretch again and again, so the stretch between two occurrences that was found last is kept.
 */
export class CronLine {
  readonly #cron: Cron;
  #known: KnownStretch | undefined;

  private constructor(expression: string, timeZone: string) {
    this.#cron = new Cron(expression, { timezone: timeZone, mode: '5-part', paused: true });
  }

  /** @throws what croner throws when the expression is not allowed. */
  static of(expression: string, timeZone: string): CronLine {
    const key = `${expression} ${timeZone}`;
    let line = lines.get(key);
    if (!line) {
      if (lines.size >= REMEMBERED) {
        lines.clear();
      }
      line = new CronLine(expression, timeZone);
      lines.set(key, line);
    }
    return line;
  }

  /** The newest occurrence before an instant; `undefined` when there is none. */
  previous(before: number): number | undefined {
    const known = this.#known;
    if (known && known.occurrence < before) {
      if (before <= known.upTo || before <= this.#after(known)) {
        return known.occurrence;
      }
    }
    const occurrence = this.#cron.previousRuns(1, new Date(before))[0]?.getTime();
    this.#known = occurrence === undefined ? undefined : { occurrence, upTo: before };
    return occurrence;
  }

  /** The first occurrence after an instant; `undefined` when none ever comes. */
  next(after: number): number | undefined {
    const known = this.#known;
    if (known && known.occurrence <= after) {
      const next = this.#after(known);
      if (after < next) {
        return next === Infinity ? undefined : next;
      }
    }
    return this.#cron.nextRun(new Date(after))?.getTime();
  }

  /** The occurrence after the known one; ∞ when none ever comes. */
  #after(known: KnownStretch): number {
    known.next ??= this.#cron.nextRun(new Date(known.occurrence))?.getTime() ?? Infinity;
    return known.next;
  }
}
