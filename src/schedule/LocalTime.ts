const MINUTE = 60_000;

const HOUR = 60 * MINUTE;

export const DAY = 24 * HOUR;

/** Clock changes fall on full quarter hours of UTC, so an offset holds for the whole of its quarter. */
const QUARTER = 15 * MINUTE;

/** Offsets are remembered for so many quarter hours a zone: what a tick of thousands of jobs asks again and again. */
const REMEMBERED = 2_000;

const zones = new Map<string, LocalTime>();

/**
 * Between instants and the wall clock of one time zone. Local times are milliseconds as if the wall clock were UTC, and a
 * local day is their number of whole days, so that calendar arithmetic on them knows no clock change.
 *
 * A tick asks thousands of times and must start fast, so this asks `Intl` for offsets itself, and knows nothing else.
 */
export class LocalTime {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  private constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  /** The wall clock of a zone. */
  static of(timeZone: string): LocalTime {
    let local = zones.get(timeZone);
    if (!local) {
      local = new LocalTime(timeZone);
      zones.set(timeZone, local);
    }
    return local;
  }

  /** What the wall clock shows at an instant. */
  at(instant: number): number {
    return instant + this.#offset(instant);
  }

  /** The local day of an instant. */
  dayAt(instant: number): number {
    return Math.floor(this.at(instant) / DAY);
  }

  /**
   * The instant at which the wall clock shows a local time: in an overlap the first of the two; in a gap, where it never
   * shows it, the first instant after the gap.
   */
  instantOf(local: number): number {
    // Offsets lie between −12 and +14 hours, and no zone changes its clock twice within a day.
    const [earliest, latest] = [local - 14 * HOUR, local + 12 * HOUR];
    const [before, after] = [this.#offset(earliest), this.#offset(latest)];
    if (before === after) {
      return local - before;
    }
    const shown = [local - before, local - after].filter(instant => this.at(instant) === local);
    return shown.length > 0 ? Math.min(...shown) : this.#changeBetween(earliest, latest, after);
  }

  /** The first instant of a local day. */
  startOf(day: number): number {
    return this.instantOf(day * DAY);
  }

  /** Halves the stretch down to the millisecond at which the offset becomes `after`. */
  #changeBetween(earliest: number, latest: number, after: number): number {
    let [low, high] = [Math.floor(earliest / QUARTER), Math.ceil(latest / QUARTER)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle * QUARTER) === after) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high * QUARTER;
  }

  /** The zone's offset from UTC at an instant, in milliseconds. */
  #offset(instant: number): number {
    const quarter = Math.floor(instant / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= REMEMBERED) {
        this.#offsets.clear();
      }
      offset = parseOffset(this.#format.format(quarter * QUARTER));
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }
}

/** The offset at the end of '3/29/2026, GMT+05:45'; plain 'GMT' is none. */
function parseOffset(text: string): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match ?? [];
  const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1_000;
  return sign === '-' ? -offset : offset;
}

/** An instant for people, to the second, with its offset: '2026-03-01 11:00:00 +01:00'. */
export function formatInstant(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).formatToParts(instant);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const offset = part['timeZoneName']?.replace('GMT', '') || '+00:00';
  return `${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']} ${offset}`;
}

/** 'HH:MM' on the wall clock, with seconds where they count, and with the date where it is not today's. */
export function clockTime(instant: number, now: number, local: LocalTime): string {
  const shown = new Date(local.at(instant)).toISOString();
  const time = shown.slice(11, instant % 60_000 === 0 ? 16 : 19);
  return Math.floor(local.at(instant) / DAY) === local.dayAt(now) ? time : `${shown.slice(0, 10)} ${time}`;
}

/** Whether this machine knows an IANA time zone of that name, such as 'Europe/Prague'. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** An instant on the wall clock of a zone: '2026-03-01 06:30:00'. */
export function localTimeText(instant: Date, timeZone: string, { withSeconds = true } = {}): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(found => found.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  return `${part('year')}-${part('month')}-${part('day')} ${time}${withSeconds ? `:${part('second')}` : ''}`;
}
